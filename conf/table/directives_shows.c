#include "conf/conf.h"
#include "conf/table/directive_rows.h"
#include "conf/table/directives.h"

const char *const directives_forms[] = { CONF_SHOWN_NATIVE, CONF_SHOWN_TEXT,    CONF_SHOWN_ACTION,
					 CONF_SHOWN_NOTICE, CONF_SHOWN_NOTHING, NULL };

static const struct directive show_rows[] = {
	{ AT(conf_show, dialect), TEXTS(SHAPE_DIALECT, 1, 8, 64), .required = true,
	  .reloadable = true, .example = "\"simple\"",
	  .help = "To clients of one of these dialects." },
	{ AT(conf_show, kind), TEXTS(SHAPE_KIND, 1, 64, 64), .required = true, .reloadable = true,
	  .example = "\"reaction\"",
	  .help = "Events of one of these kinds, as in routes. Not message, notice, invite and "
		  "poll_vote; nor enter, exit and presence in dialects whose clients know by them "
		  "who is there." },
	{ AT(conf_show, as), TEXT(SHAPE_SHOWN, 1, 16), .required = true, .reloadable = true,
	  .example = "\"nothing\"",
	  .help = "native: as an event of the dialect, if it has such. text: as a message of who "
		  "did it. action: as their /me. notice: as a sentence of the server. nothing: not "
		  "at all, which is counted as dropped, hidden." },
};

const struct section directives_show = { SECTION("shows", show_rows, conf_show),
					 PLACED(conf_show) };

static const struct preset reactions[] = { { "dialect", "\"simple\"" },
					   { "kind", "\"reaction\"" },
					   { "as", "\"nothing\"" },
					   { NULL, NULL } };
const struct preset *const directives_shows[] = { reactions, NULL };
