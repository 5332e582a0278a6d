/** Which imagrid this is, and how it was built. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

/** "imagrid 0.1.0 (REVISION)". */
const char *ig_version_text(void);

/** All literals. */
typedef struct ig_build {
    const char *version, *revision, *compiler, *flags;
} ig_build;
ig_build ig_build_info(void);

#endif
