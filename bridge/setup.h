/* setup.h - turns a checked configuration into a bridge; refuses what does not resolve. */
#ifndef BRIDGE_SETUP_H
#define BRIDGE_SETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "bridge/core/bridge.h"
#include "conf/conf.h"

/* Makes the bridge of a configuration. conf is borrowed for the bridge's life. owner_secret: see
 * directory_new(); may be NULL. Errors go to errors, one line each. Returns new, or NULL after an
 * error. The workers are made (worker_new), not started. */
struct bridge *setup_bridge(const struct conf *conf, const char *owner_secret, FILE *errors);

/* The same to look at only, for dragoman routes: with a key and an instance of zeros, so that what
 * is made of them is the same each time; without workers; touches no state folder. */
struct bridge *setup_sketch(const struct conf *conf, FILE *errors);

/* The same with one worker, for who gives it turns and clients without sockets: as if the server
 * ran. conf->workers must be 1. time_ms: what its clock says at first. */
struct bridge *setup_stage(const struct conf *conf, uint64_t time_ms, FILE *errors);

/* The same for what is stored by a server that does not run: with its key. */
struct bridge *setup_stored(const struct conf *conf, FILE *errors);

/* Would setup_bridge() make a bridge of it? Touches no state folder. Errors go to errors. */
bool setup_check(const struct conf *conf, FILE *errors) __attribute__((warn_unused_result));

/* The same, and are its certificates in their time? A server starts with one that is not, and says
 * so in its log: it may be about to be renewed. */
bool setup_check_times(const struct conf *conf, FILE *errors) __attribute__((warn_unused_result));

/* Frees it with its workers, which must not be running. NULL is ignored. */
void setup_free(struct bridge *bridge);

#endif
