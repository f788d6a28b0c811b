/* hiding.h - a server may say again what it was sent: its words are shown without that. Any
 * thread. */
#ifndef BRIDGE_UPSTREAM_LINK_HIDING_H
#define BRIDGE_UPSTREAM_LINK_HIDING_H

#include "codecs/text/slice.h"

/* Overwrites a secret (absent: none) wherever it stands in a text, as it is or as it is written in
 * a URL. One of less than four bytes stands in any text, and stays. */
void upstream_hide(char *text, struct slice secret);

#endif
