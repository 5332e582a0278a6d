#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "base/text.h"
#include "base/try.h"
#include "cli/command.h"
#include "config/diagnostics.h"

/* ---- arguments ---- */

ig_status ig_take_flag(const char *text, void *value, ig_error *error)
{
    (void)text;
    (void)error;
    *(bool *)value = true;
    return IG_OK;
}

ig_status ig_take_text(const char *text, void *value, ig_error *error)
{
    (void)error;
    *(const char **)value = text;
    return IG_OK;
}

ig_status ig_take_duration(const char *text, void *value, ig_error *error)
{
    return ig_duration_parse(text, value, error);
}

ig_status ig_take_isa(const char *text, void *value, ig_error *error)
{
    return ig_isa_parse(text, value, error);
}

ig_status ig_take_plugin(const char *text, void *value, ig_error *error)
{
    return ig_plugin_files_add(value, text, error);
}

ig_status ig_parse_count(const char *text, int64_t low, int64_t high, size_t *count,
                         ig_error *error)
{
    char quoted[IG_QUOTE_TEXT], limits[64];
    ig_number number;
    if (ig_number_parse(text, &number) == IG_NUMBER_WHOLE && number.integer >= low &&
        number.integer <= high) {
        *count = (size_t)number.integer;
        return IG_OK;
    }
    snprintf(limits, sizeof limits, high < INT64_MAX ? "from %lld to %lld" : "of at least %lld",
             (long long)low, (long long)high);
    return ig_error_set(error, IG_ERR_USAGE, "'%s' is not a whole number %s",
                        ig_text_quote(text, quoted), limits);
}

/* ---- help ---- */

enum { WIDTH = 79, COLUMN_MAX = 27 };

/** Print words with line breaks where they are and where a line would be too long; later lines are
 *  indented, the first one stands at `column` already. */
static void print_wrapped(const char *text, int indent, int column)
{
    for (bool first = true; *text; first = false) {
        const int length = (int)strcspn(text, " \n");
        if (!first && column + 1 + length > WIDTH) {
            printf("\n%*s", indent, "");
            column = indent;
        } else if (!first && column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", length, text);
        column += length;
        text += length;
        while (*text == '\n') {
            printf("\n%*s", indent, "");
            column = indent;
            text++;
        }
        text += *text == ' ';
    }
    putchar('\n');
}

/** "  -o, --output FILE"; returns its length. */
static int format_names(const ig_option *option, char text[64])
{
    char letter[8] = "    ";
    if (option->letter) {
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    }
    return snprintf(text, 64, "  %s--%s%s%s", letter, option->name, option->argument ? " " : "",
                    option->argument ? option->argument : "");
}

static void print_options(const ig_option *options)
{
    char names[64];
    int column = 0;
    for (const ig_option *o = options; o->help; o++) {
        const int length = o->name ? format_names(o, names) + 2 : 0;
        column = length > column && length <= COLUMN_MAX ? length : column;
    }
    for (const ig_option *o = options; o->help; o++) {
        if (!o->name) {
            printf("%s%s\n", o == options ? "" : "\n", o->help);
            continue;
        }
        const int length = format_names(o, names);
        if (length + 2 > column) {
            printf("%s\n%*s", names, column, "");
        } else {
            printf("%-*s", column, names);
        }
        print_wrapped(o->help, column, column);
    }
}

/** Every line of a text behind its prefix: that of the first line, and that of the others. */
static void print_lines(const char *first, const char *others, const char *text)
{
    for (const char *prefix = first; *text; prefix = others) {
        const size_t length = strcspn(text, "\n");
        printf("%s%.*s\n", prefix, (int)length, text);
        text += length + (text[length] == '\n');
    }
}

/** A line each, the meanings below each other. */
static void print_exit_codes(const char *text)
{
    while (*text) {
        const size_t code = strcspn(text, " "), length = strcspn(text, "\n");
        char meaning[256];
        snprintf(meaning, sizeof meaning, "%.*s", (int)(length - code - 1), text + code + 1);
        printf("  %-4.*s", (int)code, text);
        print_wrapped(meaning, 6, 6);
        text += length + (text[length] == '\n');
    }
}

static void print_help(const ig_command *command)
{
    print_lines("usage: ", "       ", command->usage);
    putchar('\n');
    print_wrapped(command->about, 0, 0);
    putchar('\n');
    print_options(command->options);
    printf("\nexamples:\n");
    print_lines("  ", "  ", command->examples);
    printf("\nexit codes:\n");
    print_exit_codes(command->exit_codes);
}

/* ---- parsing ---- */

/** The command line that is being parsed. */
typedef struct line {
    const ig_command *command;
    int argc, next; /**< argv[next] is the next word */
    char **argv;
    void *values;
    bool silent;
    bool answered; /**< --help or --version was given, which end the program */
} line;

/** The option with this letter, or NULL. */
static const ig_option *find_letter(const ig_option *option, char letter)
{
    while (option->help && option->letter != letter) {
        option++;
    }
    return option->help ? option : NULL;
}

/** The option whose name is the `length` characters, or the only one whose name begins so; NULL
 *  with the reason. */
static const ig_option *find_name(const ig_option *options, const char *name, size_t length,
                                  ig_error *error)
{
    const ig_option *found = NULL, *other = NULL;
    char word[IG_QUOTE_TEXT];
    snprintf(word, sizeof word, "%.*s", (int)length, name);
    ig_suggestion suggestion = {.word = word};
    for (const ig_option *o = options; o->help; o++) {
        if (!o->name) {
            continue;
        }
        ig_suggest_offer(&suggestion, o->name);
        if (strncmp(o->name, name, length) == 0) {
            other = found;
            found = o;
            if (!o->name[length]) {
                return o;
            }
        }
    }
    if (other) {
        ig_error_set(error, IG_ERR_USAGE, "ambiguous option '--%s': --%s or --%s", word,
                     other->name, found->name);
    } else if (!found) {
        const char *best = suggestion.best;
        ig_error_set(error, IG_ERR_USAGE, "unknown option '--%s'%s%s%s", word,
                     best ? "; did you mean --" : "", best ? best : "", best ? "?" : "");
    }
    return other ? NULL : found;
}

static bool is_number(const char *text)
{
    char *end;
    strtod(text, &end);
    return end != text && !*end;
}

/** --help or --version. */
static void answer(line *l, const ig_option *option)
{
    l->answered = true;
    if (!l->silent && option->letter == 'h') {
        print_help(l->command);
    } else if (!l->silent) {
        puts(ig_version_text());
    }
}

/** Take an option, whose argument is `attached` or, where that is NULL, the next word. */
static ig_status take(line *l, const ig_option *option, const char *attached, ig_error *error)
{
    const char *text = attached, *wanted = option->argument;
    if (!wanted && text) {
        return ig_error_set(error, IG_ERR_USAGE, "--%s takes no argument", option->name);
    }
    if (wanted && !text && l->next < l->argc && (*wanted != '[' || is_number(l->argv[l->next]))) {
        text = l->argv[l->next++];
    }
    if (wanted && !text && *wanted != '[') {
        return ig_error_set(error, IG_ERR_USAGE, "--%s needs an argument: --%s %s", option->name,
                            option->name, wanted);
    }
    if (!option->take) {
        answer(l, option);
    } else if (option->take(text, (char *)l->values + option->offset, error)) {
        return ig_error_context(error, "--%s", option->name);
    }
    return IG_OK;
}

/** The option of a word "--NAME" or "--NAME=ARGUMENT". */
static ig_status take_long(line *l, const char *word, ig_error *error)
{
    const size_t length = strcspn(word + 2, "=");
    const ig_option *option = find_name(l->command->options, word + 2, length, error);
    return option ? take(l, option, word[2 + length] ? word + 3 + length : NULL, error)
                  : error->status;
}

/** The options of a word "-abc"; what follows one with an argument is that. */
static ig_status take_short(line *l, const char *word, ig_error *error)
{
    for (const char *letter = word + 1; *letter && !l->answered; letter++) {
        const ig_option *option = find_letter(l->command->options, *letter);
        if (!option) {
            return ig_error_set(error, IG_ERR_USAGE, "unknown option '-%c'", *letter);
        }
        if (option->argument) {
            return take(l, option, letter[1] ? letter + 1 : NULL, error);
        }
        TRY(take(l, option, NULL, error));
    }
    return IG_OK;
}

static ig_status count_operands(const ig_command *c, char **argv, size_t n, ig_error *error)
{
    char quoted[IG_QUOTE_TEXT];
    if (n < c->operands_min) {
        return ig_error_set(error, IG_ERR_USAGE, "no %s given", c->operand);
    }
    if (n > c->operands_max) {
        ig_text_quote(argv[1 + c->operands_max], quoted);
        return c->operand
                   ? ig_error_set(error, IG_ERR_USAGE, "unexpected argument '%s': expected one %s",
                                  quoted, c->operand)
                   : ig_error_set(error, IG_ERR_USAGE, "unexpected argument '%s'", quoted);
    }
    return IG_OK;
}

int ig_command_parse(const ig_command *command, int argc, char **argv, bool silent, void *values,
                     size_t *n_operands)
{
    line l = {command, argc, 1, argv, values, silent, false};
    ig_error error = {0};
    bool all_operands = false;
    size_t n = 0;
    while (l.next < argc && !error.status && !l.answered) {
        char *word = argv[l.next++];
        if (all_operands || word[0] != '-' || !word[1]) {
            /* As many words at least have been read, so that none is lost. */
            argv[1 + n++] = word;
        } else if (strcmp(word, "--") == 0) {
            all_operands = true;
        } else if (word[1] == '-') {
            take_long(&l, word, &error);
        } else {
            take_short(&l, word, &error);
        }
    }
    if (l.answered) {
        return 0;
    }
    if (error.status || count_operands(command, argv, n, &error) ||
        (command->check && command->check(values, &error))) {
        if (silent) {
            return 0;
        }
        ig_text_sanitize(error.text);
        fprintf(stderr, "%s: %s\ntry: %s --help\n", argv[0], error.text, argv[0]);
        return 2;
    }
    *n_operands = n;
    return -1;
}
