/* setting.h - what a stage is made of: a configuration of which nothing outside is touched, and how
 * somebody logs in there. For stage.c. */
#ifndef BRIDGE_COMMAND_TRANSLATE_SETTING_H
#define BRIDGE_COMMAND_TRANSLATE_SETTING_H

#include "bridge/command/translate/scene.h"

/* Fills in conf, bridge, room and server; see stage_open(). */
bool setting_make(struct stage *stage, const char *file, const char *room, size_t server,
		  FILE *errors) __attribute__((warn_unused_result));
void setting_free(struct stage *stage);

/* Where clients of a dialect come in: as the configuration's first mount of it to that room has it,
 * but with guests; where there is none, as a mount with defaults. */
void setting_mount(const struct stage *stage, size_t dialect, struct mount *mount);

/* What a client brings and, where the dialect logs in by a frame, sends (else NULL). */
struct setting_login {
	struct codec_handshake handshake;
	char *query, *authorization, *frame; /* owned, or NULL */
};

void setting_login(const struct stage_client *client, struct setting_login *login);
void setting_login_clear(struct setting_login *login);

#endif
