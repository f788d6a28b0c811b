/* scan.h - finds the integers that libconfig 1.5 would wrap or clip without a word. */
#ifndef CONF_READ_SCAN_H
#define CONF_READ_SCAN_H

#include <stdbool.h>

#include "conf/read/faults.h"

#define SCAN_INCLUDES_MAX 10

/* Reads text the way libconfig's scanner does and adds a fault for every integer that does not
 * fit the form it is written in: 32 bits, or 64 with the suffix L. Files that it includes are
 * scanned too; folder (may be NULL) is where they lie. file names the text in faults. False, and
 * a fault, when a quoted text or a comment has no end: there is no use in parsing then. */
bool scan_numbers(const char *text, const char *file, const char *folder, struct faults *faults)
    __attribute__((warn_unused_result));

#endif
