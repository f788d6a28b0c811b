/* stranger_name.h - what somebody of a server that we call can be called here: see strangers.h. */
#ifndef BRIDGE_UPSTREAM_STRANGER_NAME_H
#define BRIDGE_UPSTREAM_STRANGER_NAME_H

#include <stddef.h>

#include "codecs/text/name.h"
#include "codecs/text/slice.h"

#define STRANGER_NAMES 21 /* how many tries there are */

/* All are borrowed. */
struct stranger_names {
	struct slice upstream; /* its name; of a long one the beginning is shown */
	struct slice base;     /* the name there, cleaned; empty: it cannot be one */
	struct slice id;       /* there; not empty */
};

/* Writes the name to be tried then: from 0, the best, to below STRANGER_NAMES. Returns its length;
 * 0: there is none for this try. */
size_t stranger_name(const struct stranger_names *names, unsigned try, char out[NAME_BYTES_MAX]);

#endif
