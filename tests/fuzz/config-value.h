/** Lines of YAML for the keys of the experiments. */
#ifndef FUZZ_CONFIG_VALUE_H
#define FUZZ_CONFIG_VALUE_H

#include "dice.h"
#include "imagrid/experiment.h"

enum { CONFIG_LINE = 512 };

/** A value for the key, right or nearly so; NULL: for no key in particular. */
void config_value(dice *d, const ig_key *key, char text[CONFIG_LINE]);
/** Something that is rarely right anywhere. */
const char *config_oddity(dice *d);
/** One line or more, with "\n": a key of the experiment, or what belongs to every experiment. */
void config_line(dice *d, const ig_schema *schema, char text[CONFIG_LINE]);

#endif
