/* demo.h - the configuration of `dragoman demo`, as text, and its owner secret. */
#ifndef BRIDGE_COMMAND_DEMO_H
#define BRIDGE_COMMAND_DEMO_H

#include <stdbool.h>
#include <stddef.h>

#define DEMO_SECRET_BYTES 25

/* Writes the configuration text of the demo: one room, four dialects, guests. workers 0: one per
 * core. address: numeric. Returns new; free() it. */
char *demo_configuration(const char *address, int port, int workers);

/* A fresh random secret, NUL-terminated. False when the system gives no random bytes. */
bool demo_secret(char secret[DEMO_SECRET_BYTES]) __attribute__((warn_unused_result));

#endif
