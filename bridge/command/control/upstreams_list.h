/* upstreams_list.h - upstreams, and the connections of one, as tables. For show.c. */
#ifndef BRIDGE_COMMAND_CONTROL_UPSTREAMS_LIST_H
#define BRIDGE_COMMAND_CONTROL_UPSTREAMS_LIST_H

#include <stdio.h>

struct json_t;

/* Borrows rows, the array of all, NULL for none. */
void lists_upstreams(const struct json_t *rows, FILE *stream);

#endif
