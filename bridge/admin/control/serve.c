#include "bridge/admin/control/serve.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/admin/control/drain.h"
#include "bridge/admin/control/explained/explain.h"
#include "bridge/admin/control/listings.h"
#include "bridge/admin/control/moderation.h"
#include "bridge/admin/control/people.h"
#include "bridge/admin/control/speech.h"
#include "bridge/admin/control/status.h"
#include "bridge/admin/control/stored/accounts.h"
#include "bridge/admin/control/stored/backup.h"
#include "bridge/admin/control/stored/erase.h"
#include "bridge/admin/control/stored/history.h"
#include "bridge/admin/control/stored/rooms.h"
#include "bridge/admin/control/stored/tokens.h"
#include "bridge/admin/control/upkeep.h"
#include "bridge/admin/control/upstreams.h"
#include "bridge/admin/control/watch/capture.h"

static const struct {
	const char *verb;
	void (*serve)(struct call *);
} servers[] = {
	/* clang-format off */
	{ "status", status_serve },
	{ "who", who_serve },
	{ "rooms", rooms_serve },
	{ "backends", backends_serve },
	{ "upstreams", upstreams_serve },
	{ "upstreams pause", upstreams_pause_serve },
	{ "upstreams resume", upstreams_resume_serve },
	{ "explain", explain_serve },
	{ "kick", kick_serve },
	{ "ban", ban_serve },
	{ "unban", unban_serve },
	{ "say", say_serve },
	{ "roles", roles_serve },
	{ "reload", reload_serve },
	{ "drain", drain_serve },
	{ "history", history_serve },
	{ "erase", erase_serve },
	{ "backup", backup_serve },
	{ "log", log_serve },
	{ "capture", capture_serve },
	{ "room add", room_add_serve },
	{ "room remove", room_remove_serve },
	{ "accounts list", accounts_list_serve },
	{ "accounts add", accounts_add_serve },
	{ "accounts passwd", accounts_passwd_serve },
	{ "accounts role", accounts_role_serve },
	{ "accounts remove", accounts_remove_serve },
	{ "tokens list", tokens_list_serve },
	{ "tokens add", tokens_add_serve },
	{ "tokens revoke", tokens_revoke_serve },
	/* clang-format on */
};

/* Does the server run with the file that the asker means? */
static bool is_our_file(const struct call *call)
{
	char ours[PATH_MAX], theirs[PATH_MAX];
	const char *file = call->calls->server->file;

	return file && realpath(file, ours) && realpath(call->request.file, theirs) &&
	       strcmp(ours, theirs) == 0;
}

void serve(struct call *call)
{
	const char *file = call->calls->server->file;

	if (call->request.file && !is_our_file(call)) {
		call_fail(call, 1, "other_file", "this server runs with %s, not with %s",
			  file ? file : "no file", call->request.file);
		return;
	}
	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++)
		if (strcmp(servers[i].verb, call->request.verb->name) == 0) {
			servers[i].serve(call);
			return;
		}
	call_fail(call, 1, "unsupported", "this server does not serve %s yet",
		  call->request.verb->name);
}
