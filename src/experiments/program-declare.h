/** What the files share that read what a configuration of `program` declares: program-declare.c
 *  (keys and axes), program-columns.c (columns), program-analyses.c (fits and curves) and
 *  program-check.c (what takes the values of keys, or the file system). */
#ifndef IMAGRID_EXPERIMENTS_PROGRAM_DECLARE_H
#define IMAGRID_EXPERIMENTS_PROGRAM_DECLARE_H

#include "config/tree.h"
#include "experiments/program.h"

enum { IG_PROGRAM_NAME = 48 /**< longest name of an axis or a column */ };

/** An axis as it is declared. */
typedef struct ig_program_axis_node {
    const ig_node *name; /**< where it is first named */
    const char *text;
    ig_key_type type;
    double low, high; /**< of numbers; low > high: there are none */
} ig_program_axis_node;

/** A declaration being read. Faults go to `diagnostics`; what is wrong is left out or stays as it
 *  is by default. Memory is the pool's, which notes where it is short. */
typedef struct ig_declaration {
    const char *file;
    const ig_node *document;
    ig_memory_pool *pool;
    ig_diagnostics *diagnostics;
    ig_program *program; /**< being made */
    ig_program_axis_node *axes;
    size_t n_axes;
    const ig_node **column_names; /**< where declared column c is named */
} ig_declaration;

/** Report at a node: key PATH, or PATH.MEMBER. */
void ig_declare_report(const ig_declaration *d, const ig_node *node, const char *path,
                       const char *member, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/** The value of a key of the document, NULL where it is not given. */
const ig_node *ig_declare_find(const ig_declaration *d, const char *key);

/** The value of one of the keys that every program has, or its default where it is not given, or
 *  wrong: the configuration's own reader reports that. */
void ig_declare_value(const ig_declaration *d, const char *path, ig_value *value);

/** A member of a mapping: `node` NULL where it is not given or wrong, and then `value` is empty. */
typedef struct ig_member {
    const ig_node *node;
    ig_value value;
} ig_member;

/** Read the members of the mapping PATH as n keys describe them; those without a default must be
 *  there. False where something is wrong, which is reported. */
bool ig_declare_members(const ig_declaration *d, const ig_node *mapping, const char *path,
                        const ig_key *keys, size_t n, ig_member *members);

/** Report a name that names no axis or column, or cannot be one's. True: it can. */
bool ig_declare_name(const ig_declaration *d, const ig_node *node, const char *path);

/** An axis by name, NULL where there is none. */
const ig_program_axis_node *ig_declare_axis(const ig_declaration *d, const char *name);
/** A declared column by name, NULL where there is none. */
const ig_column *ig_declare_column(const ig_declaration *d, const char *name);

/** program-columns.c: columns, dimensions and summarised columns of the program's experiment. */
void ig_declare_columns(ig_declaration *d);
/** program-analyses.c: its analyses, after its columns. */
void ig_declare_analyses(ig_declaration *d);
/** program-check.c: placeholders and costs. */
void ig_declare_check(const ig_declaration *d);

#endif
