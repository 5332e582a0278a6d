#include "printed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

char *printed(const ig_report *report)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_int_equal(ig_report_print(report, stream, NULL), IG_OK);
    fclose(stream);
    return text;
}

void expect(const char *text, const char *part, bool wanted)
{
    assert_non_null(text);
    if ((strstr(text, part) != NULL) != wanted) {
        fail_msg("'%s' is %sin:\n%s", part, wanted ? "not " : "", text);
    }
}

void expect_narrow(const char *text)
{
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        assert_in_range(strcspn(line, "\n"), 0, 120);
    }
}
