/* json_texts.h - texts that are JSON and texts that are not, with what json_read() says of them. */
#ifndef TESTS_CODECS_TEXT_JSON_TEXTS_H
#define TESTS_CODECS_TEXT_JSON_TEXTS_H

#include "codecs/text/json_read.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const valid_texts[] = {
	"{}",
	" \t\r\n{ \"a\" : 1 , \"b\" : [ ] , \"c\" : { } } \n",
	"{\"a\":[1,2,[3,{\"b\":[]}],{}],\"c\":null}",
	"{\"\":\"\"}",
	"{\"n\":[0,-0,1,-1,10,0.5,-0.25,1e5,1E+5,1e-5,0e0,123456789012345678]}",
	"{\"s\":[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83d\\ude02\\u0000\"]}",
	"{\"u\":\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x82 \xef\xbf\xbf \xed\x9f\xbf \xee\x80\x80\"}",
	"{\"del\":\"\x7f\",\"u\":\"\xf4\x8f\xbf\xbf\xf0\x90\x80\x80\xe0\xa0\x80\xc2\x80\"}",
	"{\"type\":\"method\",\"method\":\"msg\",\"arguments\":[\"Hello world :)\"],\"id\":2}",
	"{\"a\":{\"a\":{\"a\":1},\"b\":{\"a\":2}},\"b\":[{\"a\":1},{\"a\":1}]}",
	"{\"a\":true,\"b\":false,\"c\":null}",
	"{\"long\":\"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz\\n\"}",
};

static const struct {
	const char *text;
	enum json_status status;
} invalid_texts[] = {
	{ "", JSON_BAD_SYNTAX },
	{ " ", JSON_BAD_SYNTAX },
	{ "{", JSON_BAD_SYNTAX },
	{ "}", JSON_BAD_SYNTAX },
	{ "{}}", JSON_BAD_SYNTAX },
	{ "{}{}", JSON_BAD_SYNTAX },
	{ "{} x", JSON_BAD_SYNTAX },
	{ "{]", JSON_BAD_SYNTAX },
	{ "{,}", JSON_BAD_SYNTAX },
	{ "{\"a\"}", JSON_BAD_SYNTAX },
	{ "{\"a\":}", JSON_BAD_SYNTAX },
	{ "{\"a\" 1}", JSON_BAD_SYNTAX },
	{ "{\"a\":1,}", JSON_BAD_SYNTAX },
	{ "{\"a\":1 \"b\":2}", JSON_BAD_SYNTAX },
	{ "{a:1}", JSON_BAD_SYNTAX },
	{ "{'a':1}", JSON_BAD_SYNTAX },
	{ "{1:1}", JSON_BAD_SYNTAX },
	{ "{\"a\":[1,]}", JSON_BAD_SYNTAX },
	{ "{\"a\":[,1]}", JSON_BAD_SYNTAX },
	{ "{\"a\":[1 2]}", JSON_BAD_SYNTAX },
	{ "{\"a\":[}", JSON_BAD_SYNTAX },
	{ "{\"a\":[1}", JSON_BAD_SYNTAX },
	{ "{\"a\":{\"b\":1]}", JSON_BAD_SYNTAX },
	{ "{\"a\":01}", JSON_BAD_SYNTAX },
	{ "{\"a\":-}", JSON_BAD_SYNTAX },
	{ "{\"a\":+1}", JSON_BAD_SYNTAX },
	{ "{\"a\":.5}", JSON_BAD_SYNTAX },
	{ "{\"a\":1.}", JSON_BAD_SYNTAX },
	{ "{\"a\":1.e5}", JSON_BAD_SYNTAX },
	{ "{\"a\":1e}", JSON_BAD_SYNTAX },
	{ "{\"a\":1e+}", JSON_BAD_SYNTAX },
	{ "{\"a\":0x1}", JSON_BAD_SYNTAX },
	{ "{\"a\":1", JSON_BAD_SYNTAX },
	{ "{\"a\":-", JSON_BAD_SYNTAX },
	{ "{\"a\":NaN}", JSON_BAD_SYNTAX },
	{ "{\"a\":Infinity}", JSON_BAD_SYNTAX },
	{ "{\"a\":tru}", JSON_BAD_SYNTAX },
	{ "{\"a\":truex}", JSON_BAD_SYNTAX },
	{ "{\"a\":nul", JSON_BAD_SYNTAX },
	{ "{\"a\":True}", JSON_BAD_SYNTAX },
	{ "{\"a\":\"x}", JSON_BAD_SYNTAX },
	{ "{\"a\":\"x\n\"}", JSON_BAD_SYNTAX },
	{ "{\"a\":\"tab\tinside a longer string than one stride\"}", JSON_BAD_SYNTAX },
	{ "{\"a\":\"\\x\"}", JSON_BAD_SYNTAX },
	{ "{\"a\":\"\\", JSON_BAD_SYNTAX },
	{ "{\"a\":\"\\u12\"}", JSON_BAD_SYNTAX },
	{ "{\"a\":\"\\u12g4\"}", JSON_BAD_SYNTAX },
	{ "{\"a\":\"\\u123", JSON_BAD_SYNTAX },
	{ "{/**/}", JSON_BAD_SYNTAX },
	{ "\xef\xbb\xbf{}", JSON_BAD_SYNTAX },     /* a byte order mark */
	{ "{\"a\":\xc2\xa0 1}", JSON_BAD_SYNTAX }, /* a space JSON does not know */
	{ "{\"a\":\"\xff\"}", JSON_BAD_UTF8 },
	{ "{\"a\":\"\x80\"}", JSON_BAD_UTF8 },
	{ "{\"a\":\"\xc0\x80\"}", JSON_BAD_UTF8 }, /* overlong */
	{ "{\"a\":\"\xc1\xbf\"}", JSON_BAD_UTF8 },
	{ "{\"a\":\"\xe0\x9f\xbf\"}", JSON_BAD_UTF8 },
	{ "{\"a\":\"\xf0\x8f\xbf\xbf\"}", JSON_BAD_UTF8 },
	{ "{\"a\":\"\xed\xa0\x80\"}", JSON_BAD_UTF8 }, /* a surrogate */
	{ "{\"a\":\"\xed\xbf\xbf\"}", JSON_BAD_UTF8 },
	{ "{\"a\":\"\xf4\x90\x80\x80\"}", JSON_BAD_UTF8 }, /* beyond U+10FFFF */
	{ "{\"a\":\"\xf5\x80\x80\x80\"}", JSON_BAD_UTF8 },
	{ "{\"a\":\"\xc3\"}", JSON_BAD_UTF8 }, /* cut off */
	{ "{\"a\":\"\xe2\x82\"}", JSON_BAD_UTF8 },
	{ "{\"a\":\"\xf0\x9f\x98\"}", JSON_BAD_UTF8 },
	{ "{\"a\":\"\xc3\xa9\xc3", JSON_BAD_UTF8 },
	{ "{\"\xff\":1}", JSON_BAD_UTF8 },
	{ "{\xff", JSON_BAD_UTF8 },
	{ "{\"a\":1,\"a\":2}", JSON_DUPLICATE },
	{ "{\"\":1,\"\":2}", JSON_DUPLICATE },
	{ "{\"a\":1,\"b\":2,\"\\u0061\":2}", JSON_DUPLICATE },
	{ "{\"\\n\":1,\"\\u000A\":2}", JSON_DUPLICATE },
	{ "{\"\\ud83d\\ude02\":1,\"\xf0\x9f\x98\x82\":2}", JSON_DUPLICATE },
	{ "{\"a\":[{\"x\":[{\"b\":1,\"b\":1}]}]}", JSON_DUPLICATE },
	{ "[]", JSON_NOT_OBJECT },
	{ " [{\"a\":1}] ", JSON_NOT_OBJECT },
	{ "\"text\"", JSON_NOT_OBJECT },
	{ "12", JSON_NOT_OBJECT },
	{ "null", JSON_NOT_OBJECT },
};

#endif
