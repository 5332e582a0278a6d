#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/private.h"

typedef struct reading {
    ig_status status;
    ig_tree *tree;
    ig_diagnostics *diagnostics;
} reading;

static reading read_text(const char *text, size_t size)
{
    reading r = {.diagnostics = ig_diagnostics_create()};
    assert_non_null(r.diagnostics);
    r.status = ig_tree_parse(text, size, "t", &r.tree, r.diagnostics);
    return r;
}

static void clear(reading *r)
{
    ig_tree_destroy(&r->tree);
    ig_diagnostics_destroy(&r->diagnostics);
}

static void shapes_and_places(void **state)
{
    (void)state;
    const char text[] = "\xef\xbb\xbf# a comment\na: [1, 'x']\n\"b\": {c: &k \xc3\xa4, d: *k}\n";
    reading r = read_text(text, strlen(text));
    assert_int_equal(r.status, IG_OK);
    assert_int_equal(ig_diagnostics_count(r.diagnostics), 0);
    const ig_node *root = ig_tree_root(r.tree);
    assert_int_equal(root->kind, IG_NODE_MAPPING);
    assert_int_equal(root->n_items, 4);
    assert_string_equal(root->items[2]->text, "b");
    assert_false(root->items[2]->plain);
    const ig_node *list = root->items[1], *inner = root->items[3];
    assert_int_equal(list->kind, IG_NODE_LIST);
    assert_int_equal(list->n_items, 2);
    assert_true(list->items[0]->plain);
    assert_false(list->items[1]->plain);
    assert_int_equal(list->items[1]->line, 2);
    assert_int_equal(list->items[1]->column, 8);
    assert_string_equal(inner->items[1]->text, "\xc3\xa4");
    assert_string_equal(inner->items[3]->text, "\xc3\xa4");
    /* The alias stands where it is written, columns count characters. */
    assert_int_equal(inner->items[3]->line, 3);
    assert_int_equal(inner->items[3]->column, 19);
    clear(&r);
}

/** The mark is no column, so that the first line is indented as the others are. */
static void byte_order_mark_is_skipped(void **state)
{
    (void)state;
    const char text[] = "\xef\xbb\xbf"
                        "a: 1\nb: 2\n";
    reading r = read_text(text, strlen(text));
    assert_int_equal(r.status, IG_OK);
    assert_int_equal(ig_tree_root(r.tree)->n_items, 4);
    assert_int_equal(ig_tree_root(r.tree)->items[0]->column, 1);
    clear(&r);
    r = read_text(text, 3);
    assert_int_equal(r.status, IG_ERR_CONFIG);
    clear(&r);
}

/** Read a text that ends the reading with one fault. */
static void expect_end(const char *text, size_t size, const char *part)
{
    reading r = read_text(text, size);
    assert_int_equal(r.status, IG_ERR_CONFIG);
    assert_null(r.tree);
    assert_int_equal(ig_diagnostics_count(r.diagnostics), 1);
    if (!strstr(ig_diagnostics_text(r.diagnostics, 0), part)) {
        fail_msg("\"%s\" is not in \"%s\"", part, ig_diagnostics_text(r.diagnostics, 0));
    }
    clear(&r);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    char text[2 * IG_TREE_DEPTH + 8];
    memset(text, '[', sizeof text);
    memset(text + IG_TREE_DEPTH, ']', IG_TREE_DEPTH);
    reading r = read_text(text, 2 * IG_TREE_DEPTH);
    assert_int_equal(r.status, IG_OK);
    assert_int_equal(ig_tree_root(r.tree)->height, IG_TREE_DEPTH);
    clear(&r);
    text[IG_TREE_DEPTH] = '[';
    expect_end(text, sizeof text, "t:1:33: nested too deeply, allowed: at most 32 levels");
    /* The same depth through an alias. */
    char aliased[200] = "[&a ";
    memset(aliased + 4, '[', 20);
    memset(aliased + 24, ']', 20);
    strcpy(aliased + 44, ", [[[[[[[[[[[ *a ]]]]]]]]]]]]");
    r = read_text(aliased, strlen(aliased));
    assert_int_equal(r.status, IG_OK);
    clear(&r);
    strcpy(aliased + 44, ", [[[[[[[[[[[[ *a ]]]]]]]]]]]]]");
    expect_end(aliased, strlen(aliased), "nested too deeply");
}

static void nodes_are_bounded(void **state)
{
    (void)state;
    /* A list of n ones has n + 1 nodes. */
    size_t n = IG_TREE_NODES - 1;
    char *text = malloc(2 * n + 8);
    assert_non_null(text);
    text[0] = '[';
    for (size_t i = 0; i < n; i++) {
        memcpy(text + 1 + 2 * i, "1,", 2);
    }
    memcpy(text + 1 + 2 * n, "]", 2);
    reading r = read_text(text, 2 * n + 2);
    assert_int_equal(r.status, IG_OK);
    assert_int_equal(ig_tree_root(r.tree)->expanded, IG_TREE_NODES);
    clear(&r);
    memcpy(text + 1 + 2 * n, "1]", 3);
    expect_end(text, 2 * n + 3, "too many values once aliases are expanded");
    free(text);
}

static void size_is_bounded(void **state)
{
    (void)state;
    char *text = malloc(IG_TREE_BYTES + 1);
    assert_non_null(text);
    memset(text, ' ', IG_TREE_BYTES + 1);
    text[0] = 'x';
    reading r = read_text(text, IG_TREE_BYTES);
    assert_int_equal(r.status, IG_OK);
    clear(&r);
    expect_end(text, IG_TREE_BYTES + 1, "t: 1048577 bytes, allowed: at most 1048576");
    free(text);
}

static void anchors_are_bounded(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    fputs("[", stream);
    for (int i = 0; i <= IG_TREE_ANCHORS; i++) {
        fprintf(stream, "&a%d 1, ", i);
    }
    fputs("]", stream);
    assert_int_equal(fclose(stream), 0);
    expect_end(text, size, "too many anchors, allowed: at most 1000");
    free(text);
}

static void newest_anchor_counts(void **state)
{
    (void)state;
    const char text[] = "[&a 1, *a, &a 2, *a]";
    reading r = read_text(text, strlen(text));
    assert_int_equal(r.status, IG_OK);
    assert_string_equal(ig_tree_root(r.tree)->items[1]->text, "1");
    assert_string_equal(ig_tree_root(r.tree)->items[3]->text, "2");
    clear(&r);
}

static void ends(void **state)
{
    (void)state;
    expect_end("", 0, "t:1:1: the file is empty");
    expect_end("# only this\n", 12, "the file is empty");
    expect_end("a: [1, 2\n", 9, "not valid YAML: did not find expected ',' or ']'");
    expect_end("a:\n\tb: 1\n", 9, "t:2:1: not valid YAML");
    expect_end("a:\n\tb: 1\n", 9, "spaces, this line has a tab");
    expect_end("a: 1\n---\nb: 2\n", 14, "t:2:1: a second document");
    expect_end("a: &x [*x]\n", 11, "t:1:8: an alias inside its own anchor");
    expect_end("a: 1\nb: \0 2\n", 12, "t:2:4: not text: control characters");
    expect_end("\xc3\xa4: \x80\n", 5, "t:1:4: not text: invalid leading UTF-8 octet (byte 0x80");
    expect_end("a: b: c\n", 8, "mapping values are not allowed");
    expect_end("a: 1\nb:2\nc: 3\n", 14,
               "t:2:2: not valid YAML: a space is missing after the colon");
    expect_end("a:1\nb: 2\n", 9, "t:1:2: not valid YAML: a space is missing after the colon");
    expect_end("a: 1\nb:2", 8, "t:2:2: not valid YAML: a space is missing after the colon");
    expect_end("\xef\xbb\xbfx: \x80\n", 8,
               "t:1:4: not text: invalid leading UTF-8 octet (byte 0x80 at "
               "offset 6)");
    expect_end("%YAML 9.9\n---\na\n", 16, "not valid YAML");
}

static void goes_on(void **state)
{
    (void)state;
    const char text[] =
        "a: 1\nb: *x\na: 2\n[k]: 3\n\"z\\0\": 4\nc: \"\\0\"\nd: !!int 4\ne: 5\n*y : 6\n";
    static const char *const expected[] = {
        "t:2:4: unknown anchor *x, allowed: one defined before as &x",
        "t:3:1: a: duplicate key, first given in line 1, allowed: once",
        "t:4:1: a list or mapping as a key, allowed: a name",
        "t:5:1: a null byte in a string, allowed: printable text",
        "t:6:4: a null byte in a string, allowed: printable text",
        "t:7:4: the tag tag:yaml.org,2002:int is not supported, allowed: the value alone",
        "t:9:1: unknown anchor *y, allowed: one defined before as &y",
    };
    reading r = read_text(text, strlen(text));
    assert_int_equal(r.status, IG_OK);
    assert_int_equal(ig_diagnostics_count(r.diagnostics), 7);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(ig_diagnostics_text(r.diagnostics, i), expected[i]);
    }
    const ig_node *root = ig_tree_root(r.tree);
    static const char *const keys[] = {"a", "b", "c", "d", "e"};
    assert_int_equal(root->n_items, 10);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(root->items[2 * i]->text, keys[i]);
    }
    assert_string_equal(root->items[1]->text, "1");
    assert_int_equal(root->items[3]->kind, IG_NODE_BROKEN);
    assert_int_equal(root->items[5]->kind, IG_NODE_BROKEN);
    clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_and_places),
        cmocka_unit_test(byte_order_mark_is_skipped),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(nodes_are_bounded),
        cmocka_unit_test(size_is_bounded),
        cmocka_unit_test(anchors_are_bounded),
        cmocka_unit_test(newest_anchor_counts),
        cmocka_unit_test(ends),
        cmocka_unit_test(goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
