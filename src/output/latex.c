/** Every table as a LaTeX file. */
#include <stdlib.h>

#include "output/files.h"
#include "output/sheets.h"

static ig_status write_sheet(const ig_sheet *sheet, const ig_folder *folder, ig_error *error)
{
    FILE *file = NULL;
    char *name = NULL;
    if (asprintf(&name, "%s.tex", sheet->name) < 0) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a file name");
    }
    ig_status status = ig_text_open(folder, name, &file, error);
    if (!status) {
        ig_sheet_latex(sheet, file);
        status = ig_text_close(&file, folder, name, IG_OK, error);
    }
    free(name);
    return status;
}

ig_status ig_report_write_latex(const ig_report *report, const char *directory, ig_error *error)
{
    ig_sheets sheets = {0};
    ig_folder folder = {.fd = -1};
    ig_status status = ig_report_sheets(report, &sheets, error);
    if (!status) {
        status = ig_folder_open(directory, &folder, error);
    }
    for (size_t i = 0; !status && i < sheets.n; i++) {
        status = write_sheet(&sheets.sheets[i], &folder, error);
    }
    ig_folder_close(&folder);
    ig_sheets_clear(&sheets);
    return status;
}
