/* rooms.h - what the files of the rooms codec share. Nothing outside codecs/rooms includes it.
 *
 * codec.c  the table, the handshake      decode.c  a frame to a draft, pings
 * encode.c an envelope to a message      http.c   the door, whose parts rest.h names
 *
 * What is answered on the socket is an error or nothing: codecs/wording.h. */
#ifndef CODECS_ROOMS_ROOMS_H
#define CODECS_ROOMS_ROOMS_H

#include <stddef.h>
#include <stdint.h>

#include "codecs/carries.h"
#include "codecs/codec.h"
#include "codecs/words.h"

#define ROOMS_KEY_KEPT 64

/* The key the connection was opened with: the frames that carry one must carry the same. Of a
 * longer one than ROOMS_KEY_KEPT bytes a keyed hash is kept, which a client cannot aim at. */
struct rooms_state {
	size_t key_len;
	union {
		uint64_t hash;
		char kept[ROOMS_KEY_KEPT];
	} key;
};

extern const struct codec_http rooms_http;       /* http.c */
extern const struct codec_calls rooms_calls;     /* calls_table.c */
extern const struct carries_row rooms_carries[]; /* carries.c */
extern const struct codec_words rooms_words;     /* words.c */

/* ---- codec_ops, see codec.h ---- */
enum reason rooms_decode(struct codec_peer *peer, struct slice text, struct codec_sink *sink);
enum codec_status rooms_encode(const struct envelope *event, const struct codec_view *view,
			       const struct form *form, enum audience audience,
			       uint32_t muted_events, struct frame **out);
enum codec_status rooms_keepalive(struct codec_peer *peer, struct frame **out);

#endif
