#include "conf/check/resolve_logins.h"

#include <string.h>

#include "conf/check/checks.h"
#include "conf/check/keys.h"

bool mount_logs_in_by(const struct conf_mount *mount, const char *word)
{
	for (size_t i = 0; i < mount->logins.count; i++)
		if (strcmp(mount->logins.items[i], word) == 0)
			return true;
	return false;
}

static void check_repeated(struct reader *reader, struct config_setting_t *group,
			   const struct conf_list *logins)
{
	for (size_t i = 0; i < logins->count; i++)
		for (size_t before = 0; before < i; before++)
			if (strcmp(logins->items[before], logins->items[i]) == 0)
				reader_fault(reader, group, "logins", "logins has \"%s\" twice",
					     logins->items[i]);
}

/* A backend judges whatever comes to it. */
static void check_last(struct reader *reader, struct config_setting_t *group,
		       const struct conf_list *logins)
{
	for (size_t i = 0; i + 1 < logins->count; i++)
		if (strcmp(logins->items[i], CONF_LOGIN_BACKEND) == 0)
			reader_fault(reader, group, "logins",
				     "logins: \"%s\" comes after \"backend\", which judges every "
				     "login: it would never be tried",
				     logins->items[i + 1]);
}

static void check_backend(struct reader *reader, struct config_setting_t *group,
			  const struct conf_mount *mount)
{
	bool has = mount_logs_in_by(mount, CONF_LOGIN_BACKEND);

	if (group_told(group, "auth"))
		return;
	if (has && !mount->auth[0])
		reader_fault(reader, group, "logins",
			     "auth is missing: \"backend\" in logins needs it");
	else if (!has && mount->auth[0])
		reader_fault(reader, group, "auth",
			     "auth names a backend, but logins has no \"backend\"");
}

static void check_guests(struct reader *reader, struct config_setting_t *group,
			 struct conf_mount *mount)
{
	bool has = mount_logs_in_by(mount, CONF_LOGIN_GUEST);

	if (group_gives(group, "guests") && !group_told(group, "guests") && mount->guests != has)
		reader_fault(reader, group, "guests", "guests is %s, but logins has %s\"guest\"",
			     mount->guests ? "true" : "false", has ? "" : "no ");
	mount->guests = has;
}

/* ---- JWT ---- */

static void need(struct reader *reader, struct config_setting_t *group, const char *member,
		 const char *value)
{
	if (!value[0] && !group_told(group, member))
		reader_fault(reader, group, "logins", "%s is missing: \"jwt\" in logins needs it",
			     member);
}

static void check_jwt(struct reader *reader, struct config_setting_t *group,
		      const struct conf_mount *mount)
{
	bool secret = strcmp(mount->jwt_algorithm, CONF_HS256) == 0;

	need(reader, group, "jwt_algorithm", mount->jwt_algorithm);
	need(reader, group, "jwt_key_file", mount->jwt_key_file);
	need(reader, group, "jwt_issuer", mount->jwt_issuer);
	need(reader, group, "jwt_audience", mount->jwt_audience);
	if (!mount->jwt_algorithm[0] || !mount->jwt_key_file[0])
		return;
	if (secret)
		check_secret_key_file(reader, group, "jwt_key_file", mount->jwt_key_file);
	else
		check_public_key_file(reader, group, "jwt_key_file", mount->jwt_key_file);
}

static void refuse(struct reader *reader, struct config_setting_t *group, const char *member,
		   bool given)
{
	if (given && !group_told(group, member))
		reader_fault(reader, group, member, "%s is given, but logins has no \"jwt\"",
			     member);
}

/* A default that is written down is no fault. */
static void refuse_jwt(struct reader *reader, struct config_setting_t *group,
		       const struct conf_mount *mount)
{
	refuse(reader, group, "jwt_algorithm", mount->jwt_algorithm[0]);
	refuse(reader, group, "jwt_key_file", mount->jwt_key_file[0]);
	refuse(reader, group, "jwt_issuer", mount->jwt_issuer[0]);
	refuse(reader, group, "jwt_audience", mount->jwt_audience[0]);
	refuse(reader, group, "jwt_name", strcmp(mount->jwt_name, "sub") != 0);
	refuse(reader, group, "jwt_roles", mount->jwt_roles[0]);
	refuse(reader, group, "jwt_accounts", mount->jwt_accounts);
}

void resolve_logins(struct reader *reader, struct config_setting_t *group, struct conf_mount *mount)
{
	if (group_told(group, "logins"))
		return;
	if (mount_logs_in_by(mount, CONF_LOGIN_JWT))
		check_jwt(reader, group, mount);
	else
		refuse_jwt(reader, group, mount);
	if (mount->logins.count == 0)
		return;
	check_repeated(reader, group, &mount->logins);
	check_last(reader, group, &mount->logins);
	check_backend(reader, group, mount);
	check_guests(reader, group, mount);
}
