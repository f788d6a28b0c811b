/* concord.h - what the files of the concord codec share. Nothing outside codecs/concord includes
 * it.
 *
 * codec.c  the table, the handshake      decode.c  a frame to a draft
 * encode.c an envelope to messages       What is answered is an error or nothing: codecs/wording.h.
 */
#ifndef CODECS_CONCORD_CONCORD_H
#define CODECS_CONCORD_CONCORD_H

#include "codecs/codec.h"

/* ---- codec_ops, see codec.h ---- */
enum reason concord_decode(struct codec_peer *peer, struct slice text, struct codec_sink *sink);
enum codec_status concord_encode(const struct envelope *event, const struct codec_view *view,
				 const struct form *form, enum audience audience,
				 uint32_t muted_events, struct frame **out);

#endif
