/* life.h - checks that a backend comes, stays and goes as it should. For backend_test.c. */
#ifndef BRIDGE_COMMAND_BACKEND_TEST_LIFE_H
#define BRIDGE_COMMAND_BACKEND_TEST_LIFE_H

#include "bridge/command/backend_test/play.h"

/* Has it gone? Another instance may come in its place, after an accident; when none does, that is
 * said once, and no check makes sense any more. */
bool play_is_over(struct play *play);

void check_not_ready(struct play *play);
void check_garbage(struct play *play);
void check_bye(struct play *play);

#endif
