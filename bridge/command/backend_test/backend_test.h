/* backend_test.h - dragoman backend-test: acts as the server to test a backend. */
#ifndef BRIDGE_COMMAND_BACKEND_TEST_BACKEND_TEST_H
#define BRIDGE_COMMAND_BACKEND_TEST_BACKEND_TEST_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/command/arguments.h"

/* Binds or connects to the endpoint, waits for a READY, and puts the backend through every part of
 * dragoman-backend(7) that it can be put through from outside, one line "ok ..." or "WRONG ..." for
 * each to out, and a sum at the end. True when nothing was wrong. */
bool backend_test(const struct arguments *arguments, FILE *out);

#endif
