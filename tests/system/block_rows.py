"""The messages in a state's rooms.db, read as bridge/store/sqlite/block.h says they are written."""

import collections
import struct

Message = collections.namedtuple("Message", "room id author name deleted body edit")

BLOCKS = ("SELECT b.room, ids, ifnull(b.items, k.items) FROM block b LEFT JOIN bulk k ON k.number = b.bulk"
          " AND k.room = b.room ORDER BY b.room, last")
HEAD = struct.Struct("<IQQIIIBHI")
DELETED, BODY, EDIT = 1, 2, 4


def message_of(room, item):
    _, number, _, author, _, _, bits, name_len, body_len = HEAD.unpack_from(item)
    name_end = HEAD.size + name_len
    body_end = name_end + body_len
    return Message(room, number, author, item[HEAD.size:name_end].decode(), bool(bits & DELETED),
                   item[name_end:body_end] if bits & BODY else None, item[body_end:] if bits & EDIT else None)


def messages(base):
    """All of them, by room and id."""
    for room, ids, items in base.execute(BLOCKS):
        at = 0
        for number, size in struct.iter_unpack("<QI", ids):
            message = message_of(room, items[at:at + size])
            assert message.id == number, (message, number)
            at += size
            yield message
        assert at == len(items), (room, at, len(items))
