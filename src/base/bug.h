/** Stop on a fault of the program itself, such as a key or column name that is not in its table. */
#ifndef CORE_BUG_H
#define CORE_BUG_H

/** Print "imagrid: bug: ..." to stderr and abort. Never for anything a user can cause. */
_Noreturn void ig_bug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
