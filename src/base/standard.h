/** The standard streams of a program. */
#ifndef CORE_STANDARD_H
#define CORE_STANDARD_H

/** First thing in main: a standard descriptor that is closed would be given to the next file that
 * is opened, and our messages with it. */
void ig_standard_open(void);

/** Last thing: `code`, or 4 with a message where what was printed did not get through. */
int ig_standard_finish(const char *program, int code);

#endif
