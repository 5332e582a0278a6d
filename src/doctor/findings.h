/** What a probe of a directory found, told as it is found, and the settings it leads to. */
#ifndef IMAGRID_DOCTOR_FINDINGS_H
#define IMAGRID_DOCTOR_FINDINGS_H

#include <stdio.h>

typedef enum ig_grade {
    IG_GOOD,
    IG_NOTE, /**< worth knowing, or a setting answers it */
    IG_UNFIT /**< result files must not lie here */
} ig_grade;

enum { IG_SETTINGS = 16, IG_SETTING_TEXT = 512 };

typedef struct ig_findings {
    FILE *out;       /**< where findings are printed; NULL: nowhere */
    size_t count[3]; /**< findings by grade */
    size_t n_settings;
    char settings[IG_SETTINGS]
                 [IG_SETTING_TEXT]; /**< lines for the job script, reasons as comments */
} ig_findings;

/** Print "grade  subject: text" at once: what comes next may hang. */
void ig_findings_add(ig_findings *findings, ig_grade grade, const char *subject, const char *format,
                     ...) __attribute__((format(printf, 4, 5)));

/** Keep a line for the job script, once. */
void ig_findings_set(ig_findings *findings, const char *line);

/** Print the settings, or that none is needed, and the verdict; returns the exit code, 0 or 4. */
int ig_findings_conclude(const ig_findings *findings, const char *directory);

#endif
