/* environment.h - what the service manager says in variables of the environment. */
#ifndef BRIDGE_SERVICE_ENVIRONMENT_H
#define BRIDGE_SERVICE_ENVIRONMENT_H

#include <stdint.h>

/* The number in the variable of that name: at most 18 decimal digits, and nothing else. 0: it is
 * not set, or is anything else. Called by notify.c and passed_sockets.c; main thread. */
uint64_t environment_number(const char *name);

#endif
