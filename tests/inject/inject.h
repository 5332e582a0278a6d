/** A library for LD_PRELOAD that lets the k-th call of a kind fail in one rank of a program.
 *
 *  The environment tells what to do:
 *    INJECT_KIND    memory, mpi, hdf5 or files: the calls that count
 *    INJECT_CALLER  own: those that come from the program itself, or for memory also from libyaml,
 *                   GSL on its behalf; hdf5: those from inside HDF5
 *    INJECT_RANK    the rank of a run in which they count
 *    INJECT_SITE    the place in the program, as the report names it, from which calls count
 *    INJECT_AT      which call from there fails, from 0; none does without it
 *    INJECT_SINCE   set: every later one of the kind fails too, wherever it comes from
 *    INJECT_ERRNO   what a failing file call leaves in errno
 *    INJECT_REPORT  a file that gets a line "NAME SITE" for the call that failed first, or, where
 *                   none is to fail, for every call
 *
 *  Calls are judged by where they come from, so that the libraries below are left alone. */
#ifndef IMAGRID_TESTS_INJECT_H
#define IMAGRID_TESTS_INJECT_H

#include <stdbool.h>

typedef enum inject_kind { INJECT_MEMORY, INJECT_MPI, INJECT_HDF5, INJECT_FILES } inject_kind;

/** Whether this call fails; `caller` is the address it returns to. Sets errno if so. */
bool inject_fails(inject_kind kind, const char *name, const void *caller);

/** Let `*function`, a pointer to a function, point to the next definition of `name`. */
void inject_find(void *function, const char *name);

/** Define `name` so that it returns `failure` without doing anything when it is to fail. The asm
 *  name keeps the headers from renaming it. */
#define INJECT_WRAP(kind, type, failure, name, parameters, arguments)                              \
    __attribute__((visibility("default"))) type wrapped_##name parameters __asm__(#name);          \
    type wrapped_##name parameters                                                                 \
    {                                                                                              \
        static type(*real) parameters;                                                             \
        inject_find(&real, #name);                                                                 \
        return inject_fails(kind, #name, __builtin_return_address(0)) ? failure : real arguments;  \
    }

/** The same for a call that lets its object go even when it fails. */
#define INJECT_WRAP_CLOSE(kind, type, failure, name, parameters, arguments)                        \
    __attribute__((visibility("default"))) type wrapped_##name parameters __asm__(#name);          \
    type wrapped_##name parameters                                                                 \
    {                                                                                              \
        static type(*real) parameters;                                                             \
        inject_find(&real, #name);                                                                 \
        bool fails = inject_fails(kind, #name, __builtin_return_address(0));                       \
        type result = real arguments;                                                              \
        return fails ? failure : result;                                                           \
    }

#endif
