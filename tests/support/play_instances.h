/* play_instances.h - statements about instances of backends and listeners of taps. */
#ifndef TESTS_SUPPORT_PLAY_INSTANCES_H
#define TESTS_SUPPORT_PLAY_INSTANCES_H

#include "tests/support/play.h"

/* instance NAME of BACKEND-OR-TAP */
void play_instance(struct play *play, struct slice rest);

/* Carries out NAME VERB REST when NAME is an instance's; false when it is not. */
bool play_instances(struct play *play, struct slice name, struct slice rest);

/* Fails unless all that was sent to instances has been looked at. */
void play_instances_read(struct play *play);

void play_instances_skip(struct play *play);

#endif
