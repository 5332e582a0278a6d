#include "base/version.h"

#include "build-info.h"

const char *ig_version_text(void)
{
    return "imagrid " IG_VERSION " (" IG_REVISION ")";
}

ig_build ig_build_info(void)
{
    return (ig_build){IG_VERSION, IG_REVISION, IG_COMPILER, IG_FLAGS};
}
