/** Clearing states and recording sessions: what they change, and that they change nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "helpers.h"
#include "store/datasets.h"
#include "store/internal.h"

typedef struct workspace {
    char folder[TEST_PATH], path[TEST_PATH];
    fixture f;
    ig_store *store;
    unsigned char *before;
    size_t size;
} workspace;

static int enter(void **state)
{
    workspace *r = calloc(1, sizeof *r);
    ig_error error = {0};
    if (!r || scratch_make(r->folder) || fixture_init(&r->f, test_yaml)) {
        return -1;
    }
    scratch_path(r->folder, "out.h5", r->path);
    if (!make_file(r->path, &r->f) || !(r->before = file_load(r->path, &r->size)) ||
        ig_store_open(ig_experiments(), r->path, true, &r->store, &error)) {
        return -1;
    }
    *state = r;
    return 0;
}

static int leave(void **state)
{
    workspace *r = *state;
    ig_store_close(&r->store);
    free(r->before);
    fixture_clear(&r->f);
    scratch_remove(r->folder);
    free(r);
    return 0;
}

/** Bytes that differ from the file as it was made lie in the values of `list`'s variables named. */
static void assert_only_changed(const workspace *r, const ig_datasets *list,
                                const char *const *names)
{
    size_t size = 0;
    unsigned char *now = file_load(r->path, &size);
    assert_non_null(now);
    assert_int_equal(size, r->size);
    for (; *names; names++) {
        const ig_variable *v = ig_datasets_find(list, *names);
        assert_non_null(v);
        memcpy(now + v->offset, r->before + v->offset, ig_variable_size(v));
    }
    assert_memory_equal(now, r->before, size);
    free(now);
}

static void clearing_touches_states_only(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_store_scan scan;
    int8_t states[24];
    const size_t tasks[] = {6, 13, 20, 0};
    const char *const changed[] = {IG_STORE_STATE, NULL};
    assert_int_equal(ig_store_clear(r->store, tasks, 4, &error), IG_OK);
    assert_int_equal(ig_store_clear(r->store, NULL, 0, &error), IG_OK);
    assert_int_equal(ig_store_check(r->store, states, &scan, &error), IG_OK);
    assert_true(scan.done == 16 && scan.failed == 0 && scan.empty == 8 && scan.damaged == 0);
    assert_only_changed(r, r->store->root, changed);
}

static void clearing_rejects_before_it_begins(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    const size_t tasks[] = {0, 24};
    const char *const changed[] = {NULL};
    ig_store *reader = NULL;
    assert_int_equal(ig_store_clear(r->store, tasks, 2, &error), IG_ERR_USAGE);
    assert_int_equal(ig_store_open(ig_experiments(), r->path, false, &reader, &error), IG_OK);
    assert_int_equal(ig_store_clear(reader, tasks, 1, &error), IG_ERR_USAGE);
    ig_session_record session = {.begin = 1};
    size_t slot = 77;
    assert_int_equal(ig_store_session_begin(reader, &session, &slot, &error), IG_ERR_USAGE);
    assert_int_equal(ig_store_session_end(reader, 0, 1, 0, &error), IG_ERR_USAGE);
    assert_int_equal(slot, 77);
    ig_store_close(&reader);
    assert_only_changed(r, r->store->root, changed);
}

static void a_session_is_recorded_and_ended(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_session_record sessions[IG_STORE_SESSIONS], session = {.begin = 1.5e9,
                                                              .end = 0,
                                                              .ranks = 4,
                                                              .exit_code = 0,
                                                              .shard = 2,
                                                              .shards = 5,
                                                              .results_version = 3,
                                                              .version = "1.2 (abc)",
                                                              .isa = "portable",
                                                              .hosts = "a:2 b:2",
                                                              .job = "17_3"};
    const char *const changed[] = {"begin",           "end",     "ranks", "exit_code",
                                   "shard",           "shards",  "hosts", "job",
                                   "results_version", "version", "isa",   NULL};
    size_t slot = 9, n = 9;
    assert_int_equal(ig_store_sessions(r->store, sessions, &n, &error), IG_OK);
    assert_int_equal(n, 0);
    assert_int_equal(ig_store_session_begin(r->store, &session, &slot, &error), IG_OK);
    assert_int_equal(slot, 0);
    assert_int_equal(ig_store_sessions(r->store, sessions, &n, &error), IG_OK);
    assert_int_equal(n, 1);
    assert_true(sessions[0].begin == 1.5e9 && sessions[0].ranks == 4);
    /* Whatever the caller had there: it has not ended yet. */
    assert_true(sessions[0].end != sessions[0].end && sessions[0].exit_code == -1);
    assert_string_equal(sessions[0].hosts, "a:2 b:2");
    assert_string_equal(sessions[0].job, "17_3");
    assert_true(sessions[0].shard == 2 && sessions[0].shards == 5);
    assert_int_equal(sessions[0].results_version, 3);
    assert_string_equal(sessions[0].version, "1.2 (abc)");
    assert_string_equal(sessions[0].isa, "portable");
    assert_int_equal(ig_store_session_end(r->store, 0, 1.6e9, 75, &error), IG_OK);
    assert_int_equal(ig_store_sessions(r->store, sessions, &n, &error), IG_OK);
    assert_true(sessions[0].end == 1.6e9 && sessions[0].exit_code == 75);
    assert_int_equal(ig_store_session_end(r->store, IG_STORE_SESSIONS, 1, 0, &error), IG_ERR_USAGE);
    assert_only_changed(r, r->store->sessions, changed);
}

static void sessions_beyond_the_last_row_use_it_again(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_session_record *sessions = calloc(IG_STORE_SESSIONS, sizeof *sessions);
    size_t slot = 0, n = 0;
    assert_non_null(sessions);
    for (int i = 0; i < IG_STORE_SESSIONS + 3; i++) {
        ig_session_record session = {.begin = i, .ranks = i + 1};
        /* No end of text in either. */
        memset(session.hosts, 'h', sizeof session.hosts);
        memset(session.job, 'j', sizeof session.job);
        assert_int_equal(ig_store_session_begin(r->store, &session, &slot, &error), IG_OK);
        assert_int_equal(slot, i < IG_STORE_SESSIONS ? i : IG_STORE_SESSIONS - 1);
    }
    assert_int_equal(ig_store_sessions(r->store, sessions, &n, &error), IG_OK);
    assert_int_equal(n, IG_STORE_SESSIONS);
    assert_true(sessions[IG_STORE_SESSIONS - 2].begin == IG_STORE_SESSIONS - 2);
    assert_true(sessions[IG_STORE_SESSIONS - 1].begin == IG_STORE_SESSIONS + 2);
    assert_int_equal(strlen(sessions[0].hosts), IG_STORE_HOSTS - 1);
    free(sessions);
}

static void padded_text_is_whole_characters(void **state)
{
    (void)state;
    const struct {
        const char *text, *expected; /* in 6 bytes */
    } cases[] = {
        {"", "\0\0\0\0\0\0"},
        {"abcdef", "abcdef"},
        {"abcdefg", "abcdef"},
        {"\xc3\xa4\xc3\xb6", "\xc3\xa4\xc3\xb6\0\0"},
        {"abcde\xc3\xa4", "abcde\0"},                 /* no half character */
        {"abcd\xe2\x82\xac", "abcd\0\0"},             /* nor a third of one */
        {"a\xff\xc3", "a??\0\0\0"},                   /* bytes of no character */
        {"\xc0\xaf\xed\xa0\x80", "?????\0"},          /* overlong, surrogate */
        {"\xf0\x9f\x98\x80zz", "\xf0\x9f\x98\x80zz"}, /* four bytes */
        {"\xf5\x80\x80\x80\x80\x80", "??????"},       /* beyond the last */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char padded[7] = "zzzzzz";
        ig_stored_text(cases[i].text, strlen(cases[i].text), padded, 6);
        assert_memory_equal(padded, cases[i].expected, 6);
        assert_int_equal(padded[6], '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(clearing_touches_states_only, enter, leave),
        cmocka_unit_test_setup_teardown(clearing_rejects_before_it_begins, enter, leave),
        cmocka_unit_test_setup_teardown(a_session_is_recorded_and_ended, enter, leave),
        cmocka_unit_test_setup_teardown(sessions_beyond_the_last_row_use_it_again, enter, leave),
        cmocka_unit_test(padded_text_is_whole_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
