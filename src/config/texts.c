/** Values that are booleans, texts, lists of texts and paths, and the memory of their texts. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/try.h"
#include "config/private.h"

typedef struct ig_memory_block {
    struct ig_memory_block *next;
    void *bytes; /**< owned */
} ig_memory_block;

void ig_memory_pool_clear(ig_memory_pool *pool)
{
    while (pool->blocks) {
        ig_memory_block *block = pool->blocks;
        pool->blocks = block->next;
        free(block->bytes);
        free(block);
    }
}

void *ig_memory_pool_keep(ig_memory_pool *pool, void *bytes)
{
    ig_memory_block *block = NULL;
    if (!bytes || IG_ALLOC(block, 1, NULL)) {
        free(bytes);
        pool->failed = true;
        return NULL;
    }
    *block = (ig_memory_block){pool->blocks, bytes};
    pool->blocks = block;
    return bytes;
}

void *ig_memory_pool_take(ig_memory_pool *pool, size_t n, size_t size)
{
    return ig_memory_pool_keep(pool, ig_alloc(n ? n : 1, size, NULL));
}

char *ig_memory_pool_text(ig_memory_pool *pool, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return ig_memory_pool_keep(pool, length < 0 ? NULL : text);
}

bool ig_node_is_empty(const ig_node *node)
{
    return node->kind == IG_NODE_SCALAR && node->plain &&
           (!*node->text || strcmp(node->text, "~") == 0);
}

bool ig_boolean_read(const ig_node *node, ig_value *value, char fault[IG_FAULT_TEXT])
{
    char quoted[IG_QUOTE_TEXT];
    if (node->kind != IG_NODE_SCALAR) {
        return IG_WRONG(fault, "%s is not a boolean",
                        node->kind == IG_NODE_LIST ? "a list" : "a mapping");
    }
    if (node->plain && !*node->text) {
        return IG_WRONG(fault, "no value is given");
    }
    const bool yes = strcmp(node->text, "true") == 0;
    if (!node->plain || (!yes && strcmp(node->text, "false") != 0)) {
        return IG_WRONG(fault, "\"%s\" is not a boolean%s", ig_text_quote(node->text, quoted),
                        node->plain ? "" : " because of its quotes");
    }
    *value = (ig_value){.integer = yes, .real = yes};
    snprintf(value->text, sizeof value->text, "%s", node->text);
    return true;
}

/** Whether a text may be written to a YAML file, and shown. */
static bool is_printable(const char *text)
{
    return ig_text_is_sanitized(text) && !strstr(text, "\xef\xbb\xbf") &&
           !strstr(text, "\xef\xbf\xbe") && !strstr(text, "\xef\xbf\xbf");
}

/** A scalar that is a text of `low` to `high` bytes. */
static bool check_text(const ig_node *node, double low, double high, char fault[IG_FAULT_TEXT])
{
    char quoted[IG_QUOTE_TEXT];
    if (node->kind == IG_NODE_BROKEN) {
        return IG_REPORTED(fault);
    }
    if (node->kind == IG_NODE_MAPPING && node->n_items == 2 && ig_node_is_empty(node->items[1])) {
        return IG_WRONG(fault, "{%s} is a mapping unless it stands in quotes",
                        ig_text_quote(node->items[0]->text, quoted));
    }
    if (node->kind != IG_NODE_SCALAR) {
        return IG_WRONG(fault, "%s is not a text",
                        node->kind == IG_NODE_LIST ? "a list" : "a mapping");
    }
    if (ig_node_is_empty(node)) {
        return IG_WRONG(fault, "no value is given");
    }
    const size_t length = strlen(node->text);
    if (!is_printable(node->text)) {
        return IG_WRONG(fault, "\"%s\" has characters that do not print",
                        ig_text_quote(node->text, quoted));
    }
    return ((double)length >= low && (double)length <= high) ||
           (length == 0 ? IG_WRONG(fault, "an empty text")
                        : IG_WRONG(fault, "\"%s\" has %zu bytes", ig_text_quote(node->text, quoted),
                                   length));
}

/** The path from the folder of the configuration's file. */
static char *find_path(const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    return *path == '/' || !*path || !slash
               ? ig_strdup(path, NULL)
               : ig_asprintf(NULL, "%.*s/%s", (int)(slash - file), file, path);
}

bool ig_text_read(const ig_key *key, const ig_node *node, ig_memory_pool *pool, ig_value *value,
                  char fault[IG_FAULT_TEXT])
{
    const bool file = key->type == IG_KEY_FILE;
    ig_value v = {.integer = -1};
    if (!check_text(node, key->low, file ? IG_TEXT_BYTES : key->high, fault)) {
        return false;
    }
    v.string = ig_memory_pool_keep(pool, ig_strdup(node->text, NULL));
    v.path = file ? ig_memory_pool_keep(pool, find_path(pool->file, node->text)) : NULL;
    if (pool->failed) {
        return IG_REPORTED(fault);
    }
    snprintf(v.text, sizeof v.text, "%s", v.string);
    *value = v;
    return true;
}

/** Whether YAML reads a text without quotes as that text, in this program and in others. */
static bool is_word(const char *text)
{
    static const char *const values[] = {"true", "false", "yes", "no",   "on",
                                         "off",  "y",     "n",   "null", NULL};
    for (const char *const *value = values; *value; value++) {
        if (strcasecmp(text, *value) == 0) {
            return false;
        }
    }
    const char *c = text;
    while (isalnum((unsigned char)*c) || (*c && strchr("_/.+-", *c))) {
        c++;
    }
    return !*c && (isalpha((unsigned char)*text) || *text == '_' || *text == '/');
}

void ig_text_spell(FILE *stream, const char *text)
{
    if (is_word(text)) {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (; *text; text++) {
        fprintf(stream, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    }
    fputc('"', stream);
}

/** What is printed to `stream` until it is closed. */
typedef struct spelling {
    FILE *stream;
    char *text;
    size_t size;
} spelling;

static bool begin_spelling(spelling *s)
{
    *s = (spelling){0};
    s->stream = open_memstream(&s->text, &s->size);
    return s->stream != NULL;
}

/** The text, malloc'd; NULL without memory. */
static char *end_spelling(spelling *s)
{
    const bool failed = ferror(s->stream) != 0;
    if (fclose(s->stream) != 0 || failed) {
        free(s->text);
        return NULL;
    }
    return s->text;
}

/** "[one, \"number two\"]", malloc'd; NULL without memory. */
static char *spell_list(char *const *texts, size_t n)
{
    spelling s;
    if (!begin_spelling(&s)) {
        return NULL;
    }
    fputc('[', s.stream);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? ", " : "", s.stream);
        ig_text_spell(s.stream, texts[i]);
    }
    fputc(']', s.stream);
    return end_spelling(&s);
}

bool ig_texts_read(const ig_key *key, const ig_node *node, ig_memory_pool *pool, ig_value *value,
                   char fault[IG_FAULT_TEXT])
{
    const bool list = node->kind == IG_NODE_LIST, files = key->type == IG_KEY_FILES;
    const size_t n = list ? node->n_items : 1;
    if ((double)n < key->low || (double)n > key->high) {
        return IG_WRONG(fault, "a list of %zu", n);
    }
    for (size_t i = 0; i < n; i++) {
        if (!check_text(list ? node->items[i] : node, 1, IG_TEXT_BYTES, fault)) {
            return false;
        }
    }
    char **copies = ig_memory_pool_take(pool, n + 1, sizeof *copies);
    char **paths = files ? ig_memory_pool_take(pool, n + 1, sizeof *paths) : NULL;
    for (size_t i = 0; !pool->failed && i < n; i++) {
        copies[i] =
            ig_memory_pool_keep(pool, ig_strdup(list ? node->items[i]->text : node->text, NULL));
        if (files && copies[i]) {
            paths[i] = ig_memory_pool_keep(pool, find_path(pool->file, copies[i]));
        }
    }
    ig_value v = {.integer = -1,
                  .texts = (const char *const *)copies,
                  .paths = (const char *const *)paths,
                  .n = n};
    v.string = pool->failed ? NULL : ig_memory_pool_keep(pool, spell_list(copies, n));
    if (pool->failed) {
        return IG_REPORTED(fault);
    }
    snprintf(v.text, sizeof v.text, "%s", v.string);
    *value = v;
    return true;
}

/* Trees. */

static bool check_tree(const ig_node *node, char fault[IG_FAULT_TEXT])
{
    if (node->kind == IG_NODE_BROKEN) {
        return IG_REPORTED(fault);
    }
    if (node->kind == IG_NODE_SCALAR && !ig_node_is_empty(node)) {
        return check_text(node, 0, IG_TEXT_BYTES, fault);
    }
    for (size_t i = 0; i < node->n_items; i++) {
        if (!check_tree(node->items[i], fault)) {
            return false;
        }
    }
    return true;
}

/** Print a scalar so that it reads as the same text, and as written with quotes or without where
 *  that matters: a number in quotes is none. */
static void spell_scalar(FILE *stream, const ig_node *node)
{
    ig_number number;
    if (ig_node_is_empty(node)) {
        fputs("~", stream);
    } else if (node->plain &&
               (ig_number_parse(node->text, &number) != IG_NUMBER_NONE ||
                strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0)) {
        fputs(node->text, stream);
    } else {
        ig_text_spell(stream, node->text);
    }
}

static bool is_in(const char *const *list, const char *text)
{
    while (list && *list && strcmp(*list, text) != 0) {
        list++;
    }
    return list && *list;
}

/** Print a tree in flow style, at most as deep as a document, without the members named. */
static void spell_tree(FILE *stream, const ig_node *node, const char *const *without)
{
    const bool mapping = node->kind == IG_NODE_MAPPING;
    const char *between = "";
    if (node->kind == IG_NODE_SCALAR) {
        spell_scalar(stream, node);
        return;
    }
    fputc(mapping ? '{' : '[', stream);
    for (size_t i = 0; i < node->n_items; i++) {
        if (mapping && is_in(without, node->items[i]->text)) {
            i++;
            continue;
        }
        fputs(between, stream);
        spell_tree(stream, node->items[i], without);
        if (mapping) {
            fputs(": ", stream);
            spell_tree(stream, node->items[++i], without);
        }
        between = ", ";
    }
    fputc(mapping ? '}' : ']', stream);
}

static char *spell(const ig_node *node, const char *const *without)
{
    spelling s;
    if (!begin_spelling(&s)) {
        return NULL;
    }
    spell_tree(s.stream, node, without);
    return end_spelling(&s);
}

bool ig_tree_read(const ig_key *key, const ig_node *node, ig_memory_pool *pool, ig_value *value,
                  char fault[IG_FAULT_TEXT])
{
    if (!check_tree(node, fault)) {
        return false;
    }
    ig_value v = {.integer = -1};
    v.string = ig_memory_pool_keep(pool, spell(node, NULL));
    v.identity = key->choices ? ig_memory_pool_keep(pool, spell(node, key->choices)) : NULL;
    if (pool->failed) {
        return IG_REPORTED(fault);
    }
    snprintf(v.text, sizeof v.text, "%s", v.string);
    *value = v;
    return true;
}
