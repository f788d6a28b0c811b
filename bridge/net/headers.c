#include "bridge/net/headers.h"

#include <libwebsockets.h>
#include <string.h>

struct room_left {
	char *next;
	size_t left;
};

/* Copies one header; absent when it was not sent. */
static bool copy_header(struct lws *wsi, enum lws_token_indexes token, struct room_left *room,
			struct slice *out)
{
	int len = lws_hdr_total_length(wsi, token);

	*out = (struct slice){ 0 };
	if (len <= 0)
		return true;
	if ((size_t)len + 1 > room->left ||
	    lws_hdr_copy(wsi, room->next, (int)room->left, token) < 0)
		return false;
	*out = slice_span(room->next, (size_t)len);
	room->next += len + 1;
	room->left -= (size_t)len + 1;
	return true;
}

static bool put(struct room_left *room, const char *bytes, size_t len)
{
	if (len > room->left)
		return false;
	memcpy(room->next, bytes, len);
	room->next += len;
	room->left -= len;
	return true;
}

/* The library hands the query out decoded and cut at '&': what would be read differently when
 * put together again is encoded again. */
static bool put_encoded(struct room_left *room, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool ok = bytes[i] == '%'   ? put(room, "%25", 3)
			  : bytes[i] == '&' ? put(room, "%26", 3)
					    : put(room, bytes + i, 1);

		if (!ok)
			return false;
	}
	return true;
}

static bool copy_query(struct lws *wsi, struct room_left *room, struct slice *out)
{
	char fragment[REQUEST_BYTES_MAX];
	char *start = room->next;
	int len;

	*out = (struct slice){ 0 };
	for (int i = 0; lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i) > 0; i++) {
		len = lws_hdr_copy_fragment(wsi, fragment, sizeof(fragment),
					    WSI_TOKEN_HTTP_URI_ARGS, i);
		if (len < 0 || (i > 0 && !put(room, "&", 1)) ||
		    !put_encoded(room, fragment, (size_t)len))
			return false;
		*out = slice_span(start, (size_t)(room->next - start));
	}
	return true;
}

bool headers_read(struct lws *wsi, struct request_headers *request)
{
	struct room_left room = { request->text, sizeof(request->text) };
	struct upgrade_request *upgrade = &request->upgrade;
	char version[16];

	if (!copy_header(wsi, WSI_TOKEN_GET_URI, &room, &upgrade->path))
		return false;
	upgrade->cut = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP) <= 0;
	upgrade->get = upgrade->path.data != NULL;
	upgrade->old = lws_hdr_copy(wsi, version, sizeof(version), WSI_TOKEN_HTTP) <= 0 ||
		       strcmp(version, "HTTP/1.1") != 0;
	return copy_header(wsi, WSI_TOKEN_HOST, &room, &upgrade->host) &&
	       copy_header(wsi, WSI_TOKEN_ORIGIN, &room, &upgrade->origin) &&
	       copy_header(wsi, WSI_TOKEN_VERSION, &room, &upgrade->version) &&
	       copy_header(wsi, WSI_TOKEN_PROTOCOL, &room, &upgrade->protocols) &&
	       copy_header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, &room, &request->authorization) &&
	       copy_query(wsi, &room, &request->query);
}
