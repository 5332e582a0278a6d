/** Small files of every layout: the rows that come out of them, and what is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "data/data.h"
#include "files.h"

enum { N = 7, D = 2, A = 1 };
static const double states[N * D] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
static const double actions[N] = {-1.5, 0, 0.5, 1, -1, 2, 0};
static const double rewards[N] = {10, 11, 12, 13, 14, 15, 16};
static const double terminals[N] = {0, 0, 1, 0, 0, 0, 0};
static const double timeouts[N] = {0, 0, 0, 0, 1, 0, 0};

static char *path;

static void put_d4rl(hid_t file, hid_t type)
{
    put(file, "observations", type, N, D, states);
    put(file, "actions", type, N, A, actions);
    put(file, "rewards", type, N, 0, rewards);
}

static void *load(const ig_data_options *options, ig_data **data)
{
    ig_error error = {0};
    if (ig_data_open(path, options, data, &error)) {
        fail_msg("%s", error.text);
    }
    const size_t bytes = ig_data_bytes(*data);
    void *memory = aligned_alloc(64, bytes);
    if (ig_data_load(*data, memory, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(((ig_data_block *)memory)->bytes, bytes);
    return memory;
}

static void check_row(const ig_data_block *b, size_t row, bool transition)
{
    const float *r = ig_data_row(b, row);
    assert_true(r[0] == (float)states[2 * row] && r[1] == (float)states[2 * row + 1]);
    assert_true(r[2] == (float)actions[row]);
    assert_true(r[5] == (float)rewards[row]);
    assert_int_equal(ig_data_flags(b, row),
                     IG_DATA_HAS_LABEL | (transition ? IG_DATA_HAS_TRANSITION : 0));
    for (size_t c = 0; c < D; c++) {
        assert_true(transition ? r[3 + c] == (float)states[2 * row + 2 + c] : isnan(r[3 + c]));
    }
}

/** Terminal, timeout and the end of the file end an episode each; no transition leads across. */
static void test_d4rl(void **state)
{
    (void)state;
    const ig_data_options options = {0};
    const hid_t file = make_file(path);
    put_d4rl(file, H5T_IEEE_F32LE);
    put(file, "terminals", H5T_STD_U8LE, N, 1, terminals);
    put(file, "timeouts", H5T_STD_U8LE, N, 0, timeouts);
    close_file(file);
    ig_data *data = NULL;
    ig_data_block *b = load(&options, &data);
    const ig_data_info *info = ig_data_describe(data);
    assert_int_equal(info->format, IG_DATA_D4RL);
    assert_int_equal(b->n_rows, N);
    assert_int_equal(b->n_episodes, 3);
    assert_int_equal(b->n_transitions, 4);
    assert_int_equal(b->n_labels, N);
    const bool known[N] = {true, true, false, true, false, true, false};
    for (size_t i = 0; i < N; i++) {
        check_row(b, i, known[i]);
    }
    const ig_data_end ends[] = {IG_DATA_TERMINAL, IG_DATA_TIMEOUT, IG_DATA_OPEN};
    const size_t first[] = {0, 3, 5};
    for (size_t e = 0; e < 3; e++) {
        const ig_data_episode *episode = &ig_data_episodes(b)[e];
        assert_int_equal(episode->first, first[e]);
        assert_int_equal(episode->end, ends[e]);
        assert_int_equal(episode->number, e);
        assert_int_equal(ig_data_episode_of(b, first[e]), e);
    }
    free(b);
    ig_data_close(&data);
}

static int set_up(void **state)
{
    (void)state;
    path = strdup("/tmp/imagrid-data-XXXXXX");
    const int fd = path ? mkstemp(path) : -1;
    return fd < 0 || close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    const int status = unlink(path);
    free(path);
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_d4rl),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
