'use strict';
/* A bridge of somebody else's between two servers of the simple dialect, as people write them: it copies what
 * others say, with "NAME: " before it, and knows nobody's echo but its own.
 *
 *   node relay.js FOLDER-WITH-node_modules URL NAME URL NAME
 *
 * Tells of each message that it copies; ends with its standard input. */
const fs = require('fs');
const path = require('path');

const [folder, ...sides] = process.argv.slice(2);
const WebSocket = require(path.join(folder, 'node_modules', 'ws-7'));
const tell = (event, fields = {}) => fs.writeSync(1, JSON.stringify({ event, ...fields }) + '\n');

let opened = 0, count = 0;
const sockets = [0, 1].map(side => {
    const [url, name] = sides.slice(2 * side, 2 * side + 2);
    const ws = new WebSocket(url, {
        headers: { Authorization: 'Basic ' + Buffer.from(`${name}:x`).toString('base64') },
    });
    ws.on('open', () => ++opened === 2 && tell('listening', { port: 0 }));
    ws.on('close', code => { tell('gone', { side, code }); process.exit(1); });
    ws.on('error', error => { tell('bad', { side, why: error.message }); process.exit(1); });
    ws.on('message', data => {
        const frame = JSON.parse(data.toString());
        if (frame.type === 'message_sent' && frame.username !== name && frame.username !== null) {
            const message = `${frame.username}: ${frame.message}`;
            tell('copied', { to: 1 - side, message });
            sockets[1 - side].send(JSON.stringify({ type: 'send_message', payload_id: String(++count), message }));
        }
    });
    return ws;
});
process.stdin.resume().on('end', () => process.exit(0));
