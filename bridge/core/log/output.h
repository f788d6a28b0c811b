/* output.h - standard error and standard output, written without ever waiting for who reads them.
 *
 * Standard error may be a pipe, a terminal or a socket whose reader sleeps, or a file on a full
 * disk: what does not go out at once is lost, which bridge/core/log/log.c counts and tells.
 * Standard output is for what is asked for, such as the counters: it is kept until it is read. */
#ifndef BRIDGE_CORE_LOG_OUTPUT_H
#define BRIDGE_CORE_LOG_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/* Whatever of standard input, output and error was closed is opened on nothing: else the next file
 * that is opened, a client's connection maybe, would get what is printed. First of all. */
void output_open(void);

/* Writes one whole line to standard error, at most OUTPUT_LINE_MAX bytes with its end. False when
 * it was lost, or a part of it, and errno says why: EAGAIN, nobody reads. Any thread. */
#define OUTPUT_LINE_MAX 4096
bool output_line(const char *line, size_t len);

/* Is standard error systemd's journal, as $JOURNAL_STREAM says? Any thread. */
bool output_is_journal(void);

/* Puts text behind what standard output still has to be given; borrows it. What more than
 * OUTPUT_KEPT_MAX bytes would be kept of is left out whole: then false. Main thread. */
#define OUTPUT_KEPT_MAX 16777216
bool output_print(const char *text, size_t len);

/* Goes on with what is kept, for at most wait_ms. True when nothing is left. Main thread. */
bool output_flush(unsigned wait_ms);

#endif
