/** How libFuzzer makes a table of measurements from another: half of the time by bytes, half by
 *  lines that are measurements, or nearly so. */
#include <stdio.h>
#include <string.h>

#include "dice.h"
#include "mutate.h"

static const char *const headers[] = {"kind,n,error\n",
                                      "kind,n,error,seed\n",
                                      "seed,error,n,kind\n",
                                      "\xef\xbb\xbfkind,n,error\n",
                                      "\"kind\", n ,error,note\n",
                                      "kind,n,error,error\n",
                                      "kind;n;error\n",
                                      "# kind,n,error\n",
                                      "kind,n\n"};
static const char *const kinds[] = {"dynamics", "reward", "\"dynamics\"", " reward ", "Reward", ""};
static const char *const numbers[] = {
    "1",     "2",      "10",  "100",  "1e3",   "1_000",  "1e-300", "1e300",
    "1e308", "5e-324", "0.5", "0.25", "1e-9",  "3",      "1.0001", "inf",
    "nan",   "-1",     "0",   "01",   "1e999", "1e-999", "0x10",   "9007199254740993"};
static const char *const ends[] = {"\n", "\n", "\n", "\r\n", "", ",\n", "\n\n", "\n#\n"};

#define ANY(d, list) (list)[dice_below(d, sizeof(list) / sizeof *(list))]

/** A measurement; one in a table of three columns, of four, or with columns turned round. */
static size_t make_line(dice *d, char *line, size_t size)
{
    const char *kind = dice_below(d, 8) ? kinds[dice_below(d, 2)] : ANY(d, kinds);
    char number[2][24];
    for (int i = 0; i < 2; i++) {
        if (dice_below(d, 4)) {
            snprintf(number[i], sizeof number[i], "%.3g",
                     (double)(1 + dice_below(d, 100)) / (i ? 64 : 1));
        } else {
            snprintf(number[i], sizeof number[i], "%s", ANY(d, numbers));
        }
    }
    const char *end = ANY(d, ends);
    int seed = (int)dice_below(d, 4), n;
    switch (dice_below(d, 4)) {
    case 0:
        n = snprintf(line, size, "%s,%s,%s,%d%s", kind, number[0], number[1], seed, end);
        break;
    case 1:
        n = snprintf(line, size, "%d,%s,%s,%s%s", seed, number[1], number[0], kind, end);
        break;
    case 2:
        n = snprintf(line, size, "%s", ANY(d, headers));
        break;
    default:
        n = snprintf(line, size, "%s,%s,%s%s", kind, number[0], number[1], end);
        break;
    }
    return (size_t)n;
}

/** Begin of a line, or the end of all. */
static size_t line_begin(dice *d, const uint8_t *data, size_t size)
{
    size_t at = dice_below(d, size + 1);
    while (at > 0 && at < size && data[at - 1] != '\n') {
        at++;
    }
    return at;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    dice d = {seed};
    if (dice_below(&d, 2)) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    for (size_t i = 0, n = 1 + dice_below(&d, 4); i < n; i++) {
        char line[200];
        size_t at = line_begin(&d, data, size), length = make_line(&d, line, sizeof line);
        if (dice_below(&d, 4) == 0) {
            /* One line less. */
            const uint8_t *end = at < size ? memchr(data + at, '\n', size - at) : NULL;
            size_t drop = end ? (size_t)(end - data) + 1 - at : size - at;
            memmove(data + at, data + at + drop, size - at - drop);
            size -= drop;
        }
        at = at <= size ? at : size;
        if (size + length <= max_size) {
            memmove(data + at + length, data + at, size - at);
            memcpy(data + at, line, length);
            size += length;
        }
    }
    return size;
}
