/** The rows that come out of small files of every layout. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "files.h"

/** Rows first ... of the file as they must be, the next state of row `last` unknown. */
static void check_row(const ig_data_block *b, size_t row, size_t of, bool known,
                      const double *follows)
{
    const float *r = ig_data_row(b, row);
    assert_true(r[0] == (float)states[D * of] && r[1] == (float)states[D * of + 1]);
    assert_true(r[2] == (float)actions[of]);
    assert_true(r[5] == (float)rewards[of]);
    assert_int_equal(ig_data_flags(b, row),
                     IG_DATA_HAS_LABEL | (known ? IG_DATA_HAS_TRANSITION : 0));
    for (size_t c = 0; c < D; c++) {
        assert_true(known ? r[3 + c] == (float)follows[D * of + c] : isnan(r[3 + c]));
    }
}

/** All rows; without stored next states the last one of an episode has none. */
static void check_rows(const ig_data_block *b, bool next)
{
    size_t row = 0;
    assert_int_equal(b->n_rows, N);
    assert_int_equal(b->n_episodes, EPISODES);
    assert_int_equal(b->n_labels, N);
    assert_int_equal(b->n_transitions, next ? N : N - EPISODES);
    for (size_t e = 0; e < EPISODES; e++) {
        const ig_data_episode *episode = &ig_data_episodes(b)[e];
        assert_int_equal(episode->first, row);
        assert_int_equal(episode->length, lengths[e]);
        for (size_t k = 0; k < lengths[e]; k++, row++) {
            assert_int_equal(ig_data_episode_of(b, row), e);
            check_row(b, row, row, next || k + 1 < lengths[e], next_states);
        }
    }
}

static void check_ends(const ig_data_block *b, ig_data_end one, ig_data_end two, ig_data_end three)
{
    const ig_data_end ends[] = {one, two, three};
    for (size_t e = 0; e < EPISODES; e++) {
        assert_int_equal(ig_data_episodes(b)[e].end, ends[e]);
    }
}

/** Open the file as it is, check and close. */
static void check_file(const ig_data_options *options, ig_data_format format, bool next,
                       ig_data_end two)
{
    ig_data *data = NULL;
    ig_data_block *b = load(options, &data);
    assert_int_equal(ig_data_describe(data)->format, format);
    check_rows(b, next);
    check_ends(b, IG_DATA_TERMINAL, two, IG_DATA_OPEN);
    /* Rows may be read in any pieces: each is what it is in the block. */
    float piece[N * 6];
    ig_error error = {0};
    for (size_t first = 0; first < N; first++) {
        for (size_t n = 1; n <= N - first; n++) {
            assert_int_equal(ig_data_read(data, first, n, piece, &error), IG_OK);
            assert_memory_equal(piece, ig_data_row(b, first), n * 6 * sizeof *piece);
        }
    }
    free(b);
    ig_data_close(&data);
}

/** Terminal, time-out and the end of the file end an episode each; no transition leads across. */
static void test_d4rl(void **state)
{
    (void)state;
    const ig_data_options options = {0};
    for (int next = 0; next < 2; next++) {
        const hid_t file = make_file();
        put_d4rl(file, next);
        close_file(file);
        check_file(&options, IG_DATA_D4RL, next, IG_DATA_TIMEOUT);
    }
}

/** One observation more than steps, and episodes in the order of their numbers. */
static void test_minari(void **state)
{
    (void)state;
    const ig_data_options options = {0};
    const hid_t file = make_file();
    put_minari(file);
    close_file(file);
    check_file(&options, IG_DATA_MINARI, true, IG_DATA_TIMEOUT);
}

static void test_robomimic(void **state)
{
    (void)state;
    const ig_data_options options = {0};
    for (int next = 0; next < 2; next++) {
        const hid_t file = make_file();
        put_robomimic(file, next);
        close_file(file);
        check_file(&options, IG_DATA_ROBOMIMIC, next, IG_DATA_OPEN);
    }
}

static void test_filter(void **state)
{
    (void)state;
    const hid_t file = make_file();
    const char train[][8] = {"demo_11", "demo_9"};
    put_robomimic(file, false);
    put_texts(file, "mask/train", 2, train);
    close_file(file);
    const char *const key = "b";
    const ig_data_options options = {.filter = "train", .observations = &key, .n_observations = 1};
    ig_data *data = NULL;
    ig_data_block *b = load(&options, &data);
    assert_int_equal(b->n_episodes, 2);
    assert_int_equal(ig_data_episodes(b)[0].number, 9);
    assert_int_equal(ig_data_episodes(b)[1].number, 11);
    assert_int_equal(b->state, 1);
    assert_true(ig_data_row(b, 0)[0] == (float)states[1]);
    assert_true(ig_data_row(b, 3)[0] == (float)states[11]);
    free(b);
    ig_data_close(&data);
}

/** Names of one's own, and the four ways to say where episodes end. */
static void test_flat(void **state)
{
    (void)state;
    const double marks[N] = {0, 0, 1, 0, 1, 1}, ends[] = {3, 5, 6}, len[] = {3, 2, 1},
                 offset[] = {0, 3, 5};
    const char *const name = "s";
    const ig_data_options base = {.observations = &name,
                                  .n_observations = 1,
                                  .actions = "group/a",
                                  .rewards = "r",
                                  .terminals = "t"};
    for (int way = 0; way < 4; way++) {
        ig_data_options options = base;
        const hid_t file = make_file();
        put(file, "s", H5T_IEEE_F32BE, N, D, states);
        put(file, "group/a", H5T_IEEE_F64LE, N, 0, actions);
        put_packed(file, "r", H5T_STD_I16BE, N, 1, 4, rewards);
        put(file, "t", H5T_STD_I64LE, N, 0, terminals);
        put(file, "ends", H5T_STD_I64LE, 3, 0, ends);
        put(file, "marks", H5T_IEEE_F32LE, N, 0, marks);
        put(file, "len", H5T_STD_I32LE, 3, 0, len);
        put(file, "offset", H5T_STD_I32LE, 3, 0, offset);
        close_file(file);
        options.episode_ends = way == 0 ? "ends" : way == 1 ? "marks" : NULL;
        options.ep_len = way >= 2 ? "len" : NULL;
        options.ep_offset = way == 3 ? "offset" : NULL;
        check_file(&options, IG_DATA_FLAT, false, IG_DATA_OPEN);
    }
}

/** Rows between the episodes that are listed belong to none. */
static void test_gaps(void **state)
{
    (void)state;
    const double len[] = {2, 2}, offset[] = {4, 1};
    const hid_t file = make_file();
    put_d4rl(file, false);
    put(file, "ep_len", H5T_STD_I64LE, 2, 0, len);
    put(file, "ep_offset", H5T_STD_I64LE, 2, 0, offset);
    close_file(file);
    const ig_data_options options = {.format = IG_DATA_FLAT};
    ig_data *data = NULL;
    ig_data_block *b = load(&options, &data);
    const size_t of[] = {1, 2, 4, 5};
    assert_int_equal(b->n_rows, 4);
    assert_int_equal(ig_data_describe(data)->n_left_out, 2);
    /* Row 4 is a time-out: it ends an episode, although the list does not say so. */
    assert_int_equal(b->n_episodes, 3);
    assert_int_equal(b->n_transitions, 1);
    for (size_t i = 0; i < 4; i++) {
        check_row(b, i, of[i], i == 0, next_states);
    }
    free(b);
    ig_data_close(&data);
}

static void test_episode_length(void **state)
{
    (void)state;
    const hid_t file = make_file();
    put(file, "observations", H5T_IEEE_F32LE, N, D, states);
    put(file, "actions", H5T_IEEE_F32LE, N, 1, actions);
    put(file, "rewards", H5T_IEEE_F32LE, N, 0, rewards);
    put(file, "terminals", H5T_STD_U8LE, N, 1, terminals);
    close_file(file);
    const ig_data_options options = {.episode_length = 2};
    ig_data *data = NULL;
    ig_data_block *b = load(&options, &data);
    const size_t wanted[] = {2, 1, 2, 1};
    const ig_data_end ends[] = {IG_DATA_TIMEOUT, IG_DATA_TERMINAL, IG_DATA_TIMEOUT, IG_DATA_OPEN};
    assert_int_equal(b->n_episodes, 4);
    for (size_t e = 0; e < 4; e++) {
        assert_int_equal(ig_data_episodes(b)[e].length, wanted[e]);
        assert_int_equal(ig_data_episodes(b)[e].end, ends[e]);
    }
    free(b);
    ig_data_close(&data);
}

/** One column for each choice, where integers are choices. */
static void test_choices(void **state)
{
    (void)state;
    const double choices[N] = {2, 0, 1, 2, 0, 0}, signs[N] = {-1, 0, 1, 0, 0, 1};
    for (int way = 0; way < 4; way++) {
        const hid_t file = make_file();
        put(file, "observations", H5T_IEEE_F32LE, N, D, states);
        put(file, "actions", way == 3 ? H5T_IEEE_F32LE : H5T_STD_I64LE, N, way == 0 ? 0 : 1,
            way == 2 ? signs : choices);
        put(file, "rewards", H5T_IEEE_F32LE, N, 0, rewards);
        put(file, "terminals", H5T_STD_U8LE, N, 0, terminals);
        close_file(file);
        const ig_data_options options = {.actions_discrete = way == 1   ? IG_DATA_DISCRETE_NO
                                                             : way == 3 ? IG_DATA_DISCRETE_YES
                                                                        : IG_DATA_DISCRETE_AUTO};
        ig_data *data = NULL;
        ig_data_block *b = load(&options, &data);
        const bool discrete = way == 0 || way == 3;
        assert_int_equal(ig_data_describe(data)->discrete, discrete);
        assert_int_equal(b->action, discrete ? 3 : 1);
        for (size_t i = 0; i < N; i++) {
            const float *a = ig_data_row(b, i) + D;
            for (size_t c = 0; c < 3 && discrete; c++) {
                assert_true(a[c] == ((double)c == choices[i]));
            }
            assert_true(discrete || a[0] == (float)(way == 2 ? signs[i] : choices[i]));
            assert_true(ig_data_row(b, i)[b->width - 1] == (float)rewards[i]);
        }
        free(b);
        ig_data_close(&data);
    }
}

/** A dictionary within a dictionary, in alphabetical order; tuples in the order of their numbers.
 */
static void test_dictionaries(void **state)
{
    (void)state;
    double values[12][2];
    const double zero = 0, one = 1;
    const hid_t file = make_file();
    char name[64];
    for (size_t i = 0; i < 12; i++) {
        values[i][0] = (double)i;
        values[i][1] = (double)i + 100;
        snprintf(name, sizeof name, "episode_0/observations/b/_index_%zu", i);
        put(file, name, H5T_IEEE_F32LE, 2, 0, values[i]);
    }
    put(file, "episode_0/observations/a", H5T_IEEE_F32LE, 2, 0, values[7]);
    put(file, "episode_0/actions", H5T_IEEE_F32LE, 1, 0, &zero);
    put(file, "episode_0/rewards", H5T_IEEE_F32LE, 1, 0, &one);
    put(file, "episode_0/terminations", H5T_STD_U8LE, 1, 0, &zero);
    put(file, "episode_0/truncations", H5T_STD_U8LE, 1, 0, &one);
    close_file(file);
    const char *const keys[] = {"b/_index_11", "a"};
    for (int chosen = 0; chosen < 2; chosen++) {
        const ig_data_options options = {.observations = keys, .n_observations = chosen ? 2 : 0};
        ig_data *data = NULL;
        ig_data_block *b = load(&options, &data);
        const float *row = ig_data_row(b, 0);
        assert_int_equal(b->state, chosen ? 2 : 13);
        assert_true(row[0] == (chosen ? 11 : 7) && row[1] == (chosen ? 7 : 0));
        for (size_t i = 0; i < 12 && !chosen; i++) {
            assert_true(row[1 + i] == (float)i && row[13 + 1 + 1 + i] == (float)i + 100);
        }
        free(b);
        ig_data_close(&data);
    }
}

/** What `imagrid data` says: duplicates, constant columns, quantiles. */
static void test_summary(void **state)
{
    (void)state;
    const double same[N * D] = {5, -0.0, 5, 1, 5, 0, 5, 1, 5, 0, 5, 2};
    const double zero[N] = {0}, some[N] = {0, 0, 0, 0, 0, 3};
    const hid_t file = make_file();
    put(file, "observations", H5T_IEEE_F32LE, N, D, same);
    put(file, "actions", H5T_IEEE_F32LE, N, 1, zero);
    put(file, "rewards", H5T_IEEE_F32LE, N, 0, some);
    put(file, "terminals", H5T_STD_U8LE, N, 0, terminals);
    put(file, "next_observations", H5T_IEEE_F32LE, N, D, same);
    close_file(file);
    const ig_data_options options = {0};
    ig_error error = {0};
    ig_data *data = NULL;
    ig_data_summary s;
    assert_int_equal(ig_data_open(path, &options, &data, &error), IG_OK);
    assert_int_equal(ig_data_summarise(data, &s, &error), IG_OK);
    assert_int_equal(s.n_columns, D + 2);
    assert_true(s.columns[0].low == 5 && s.columns[0].high == 5 && s.columns[0].sd == 0);
    assert_true(s.columns[1].low == 0 && s.columns[1].high == 2);
    assert_float_equal(s.columns[3].mean, 0.5, 1e-12);
    assert_int_equal(s.zero_rewards, 5);
    assert_int_equal(s.duplicates, 3); /* -0 and 0 are equal */
    assert_true(s.rewards[0] == 0 && s.rewards[3] == 0 && s.rewards[IG_DATA_QUANTILES - 1] == 3);
    assert_int_equal(s.n_ends[IG_DATA_TERMINAL], 1);
    assert_int_equal(s.n_ends[IG_DATA_OPEN], 1);
    ig_tables tables = {0};
    assert_int_equal(ig_data_tables(data, &s, &tables, &error), IG_OK);
    const ig_table *warnings = ig_tables_find(&tables, "warnings");
    assert_non_null(warnings);
    assert_int_equal(ig_table_rows(warnings), 4);
    ig_tables_clear(&tables);
    ig_data_summary_clear(&s);
    ig_data_close(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_d4rl),           cmocka_unit_test(test_minari),
        cmocka_unit_test(test_robomimic),      cmocka_unit_test(test_filter),
        cmocka_unit_test(test_flat),           cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_episode_length), cmocka_unit_test(test_choices),
        cmocka_unit_test(test_dictionaries),   cmocka_unit_test(test_summary),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
