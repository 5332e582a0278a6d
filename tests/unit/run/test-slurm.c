/* Reading what scontrol says about a job. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/stop.h"

static void states(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool over;
    } cases[] = {
        {"", false},
        {"scontrol: command not found", false},
        {"slurm_load_jobs error: Unable to contact slurm controller (connect failure)", false},
        {"slurm_load_jobs error: Invalid job id specified\n", true},
        {"JobId=5 JobName=x\n   JobState=RUNNING Reason=None", false},
        {"JobId=5 JobName=x\n   JobState=COMPLETED Reason=None", true},
        {"JobId=5\n   JobState=COMPLETING Reason=None", false},
        {"JobId=5\n   JobState=PENDING Reason=BeginTime", false},
        {"JobId=5\n   JobState=TIMEOUT", true},
        {"JobId=5\n   JobState=CANCELLED\n", true},
        {"JobState=NODE_FAIL Reason=x", true},
        {"JobState=COMPLETED x\nJobState=RUNNING x", false},
        {"JobState=COMPLETED x\nJobState=FAILED x", true},
        {"JobState=", false},
        {"JobState=COMPLETE", false},
        {"JobName=Invalid job id specified JobState=RUNNING ", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(ig_slurm_text_over(cases[i].text), cases[i].over);
    }
}

/** With a scontrol of our own: only numbers reach it, both outputs are read, much is cut. */
static void asking(void **state)
{
    (void)state;
    char folder[] = "/tmp/imagrid-scontrol-XXXXXX", path[64], text[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/scontrol", folder);
    FILE *script = fopen(path, "w");
    assert_non_null(script);
    assert_true(fputs("#!/bin/sh\necho $*; echo bad >&2\n"
                      "[ $3 = 7 ] && while echo xxxxxxxxxxxxxxxxxxxxxxxx; do :; done\n",
                      script) >= 0);
    assert_int_equal(fclose(script), 0);
    assert_int_equal(chmod(path, 0755), 0);
    const char *old = getenv("PATH");
    char *kept = strdup(old ? old : "");
    assert_non_null(kept);
    assert_int_equal(setenv("PATH", folder, 1), 0);
    ig_slurm_show("4711", text, sizeof text);
    assert_string_equal(text, "show job 4711\nbad\n");
    static const char *const wrong[] = {"", "-a", "12a", "1 2", "1;2", "123456789012345678901234"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memset(text, 'x', sizeof text);
        ig_slurm_show(wrong[i], text, sizeof text);
        assert_string_equal(text, "");
    }
    ig_slurm_show("7", text, sizeof text);
    assert_int_equal(strlen(text), sizeof text - 1);
    assert_int_equal(unlink(path), 0);
    ig_slurm_show("4711", text, sizeof text);
    assert_string_equal(text, "");
    assert_int_equal(setenv("PATH", kept, 1), 0);
    free(kept);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states),
        cmocka_unit_test(asking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
