#include "doctor/findings.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

void ig_findings_add(ig_findings *findings, ig_grade grade, const char *subject, const char *format,
                     ...)
{
    static const char *const names[] = {"ok", "note", "UNFIT"};
    findings->count[grade]++;
    if (!findings->out) {
        return;
    }
    char text[1024], shown[IG_SANITIZED_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ig_text_sanitize(text);
    fprintf(findings->out, "%-6s%s: %s\n", names[grade], ig_text_sanitized(subject, shown), text);
    fflush(findings->out);
}

void ig_findings_set(ig_findings *findings, const char *line)
{
    for (size_t i = 0; i < findings->n_settings; i++) {
        if (strcmp(findings->settings[i], line) == 0) {
            return;
        }
    }
    if (findings->n_settings < IG_SETTINGS) {
        snprintf(findings->settings[findings->n_settings++], IG_SETTING_TEXT, "%s", line);
    }
}

int ig_findings_conclude(const ig_findings *findings, const char *directory)
{
    size_t unfit = findings->count[IG_UNFIT];
    char shown[IG_SANITIZED_TEXT];
    if (findings->out) {
        if (findings->n_settings > 0 || !unfit) {
            fprintf(findings->out, "\n%s\n",
                    findings->n_settings > 0 ? "for the job script:"
                                             : "the job script needs no settings");
        }
        for (size_t i = 0; i < findings->n_settings; i++) {
            fprintf(findings->out, "%s\n", findings->settings[i]);
        }
        fprintf(findings->out, "\n%s is %s for result files: %zu good, %zu notes, %zu against it\n",
                ig_text_sanitized(directory, shown), unfit ? "NOT fit" : "fit",
                findings->count[IG_GOOD], findings->count[IG_NOTE], unfit);
        fflush(findings->out);
    }
    return unfit ? 4 : 0;
}
