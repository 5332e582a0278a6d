/** Values that are booleans, texts, lists of texts and paths, and the memory of their texts. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/try.h"
#include "config/private.h"

typedef struct ig_texts_block {
    struct ig_texts_block *next;
    void *bytes; /**< owned */
} ig_texts_block;

void ig_texts_clear(ig_texts *texts)
{
    while (texts->blocks) {
        ig_texts_block *block = texts->blocks;
        texts->blocks = block->next;
        free(block->bytes);
        free(block);
    }
}

/** Take over a block of malloc's; NULL, or where memory is short, is noted. Returns it, or NULL. */
static void *keep(ig_texts *texts, void *bytes)
{
    ig_texts_block *block = NULL;
    if (!bytes || IG_ALLOC(block, 1, NULL)) {
        free(bytes);
        texts->failed = true;
        return NULL;
    }
    *block = (ig_texts_block){texts->blocks, bytes};
    texts->blocks = block;
    return bytes;
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
    if (node->kind != IG_NODE_SCALAR) {
        return IG_WRONG(fault, "%s is not a text",
                        node->kind == IG_NODE_LIST ? "a list" : "a mapping");
    }
    if (node->plain && (!*node->text || strcmp(node->text, "~") == 0)) {
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

bool ig_text_read(const ig_key *key, const ig_node *node, ig_texts *texts, ig_value *value,
                  char fault[IG_FAULT_TEXT])
{
    const bool file = key->type == IG_KEY_FILE;
    ig_value v = {.integer = -1};
    if (!check_text(node, key->low, file ? IG_TEXT_BYTES : key->high, fault)) {
        return false;
    }
    v.string = keep(texts, ig_strdup(node->text, NULL));
    v.path = file ? keep(texts, find_path(texts->file, node->text)) : NULL;
    if (texts->failed) {
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

/** "[one, \"number two\"]", malloc'd; NULL without memory. */
static char *spell_list(char *const *texts, size_t n)
{
    char *spelled = NULL;
    size_t size;
    FILE *stream = open_memstream(&spelled, &size);
    if (!stream) {
        return NULL;
    }
    fputc('[', stream);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? ", " : "", stream);
        ig_text_spell(stream, texts[i]);
    }
    fputc(']', stream);
    const bool failed = ferror(stream) != 0;
    if (fclose(stream) != 0 || failed) {
        free(spelled);
        return NULL;
    }
    return spelled;
}

bool ig_texts_read(const ig_key *key, const ig_node *node, ig_texts *texts, ig_value *value,
                   char fault[IG_FAULT_TEXT])
{
    const bool list = node->kind == IG_NODE_LIST;
    const size_t n = list ? node->n_items : 1;
    if ((double)n < key->low || (double)n > key->high) {
        return IG_WRONG(fault, "a list of %zu", n);
    }
    for (size_t i = 0; i < n; i++) {
        if (!check_text(list ? node->items[i] : node, 1, IG_TEXT_BYTES, fault)) {
            return false;
        }
    }
    char **copies = keep(texts, ig_alloc(n + 1, sizeof *copies, NULL));
    for (size_t i = 0; copies && i < n; i++) {
        copies[i] = keep(texts, ig_strdup(list ? node->items[i]->text : node->text, NULL));
    }
    ig_value v = {.integer = -1, .texts = (const char *const *)copies, .n = n};
    v.string = texts->failed ? NULL : keep(texts, spell_list(copies, n));
    if (texts->failed) {
        return IG_REPORTED(fault);
    }
    snprintf(v.text, sizeof v.text, "%s", v.string);
    *value = v;
    return true;
}
