'use strict';
/* A server of the simple dialect on the npm package ws, as the real one (simple-messaging-api) behaves: any
 * path; Basic on the upgrade, whose password is ignored; bare 401 and 403; event before reply; keys in its
 * order; and it ends with a TypeError on a frame that is JSON null.
 *
 *   node simple.js FOLDER-WITH-node_modules PORT [CERTIFICATE KEY]
 *
 * The control is that of serving.py: JSON lines on standard input, each answered by one on standard output. */
const fs = require('fs');
const http = require('http');
const https = require('https');
const path = require('path');

const [folder, port, certificate, key] = process.argv.slice(2);
const WebSocket = require(path.join(folder, 'node_modules', 'ws-7'));

/* At once: what was told is told, even if this process is killed. */
const tell = (event, fields = {}) => fs.writeSync(1, JSON.stringify({ event, ...fields }) + '\n');

const users = {};  /* with a prototype, as there: "toString" is in use */
const state = { mute: false, pace: 0, refuse: null };
let queue = Promise.resolve();

const server = certificate
    ? https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) })
    : http.createServer();
const wss = new WebSocket.Server({ noServer: true });

function nameOf(request) {
    const header = request.headers.authorization || '';
    if (!header.startsWith('Basic ')) {
        return null;
    }
    const text = Buffer.from(header.slice(6), 'base64').toString('utf8');
    const colon = text.indexOf(':');
    return colon < 0 ? null : text.slice(0, colon);
}

function refuse(socket, line) {
    socket.write(`HTTP/1.1 ${line}\r\n\r\n`);
    socket.destroySoon ? socket.destroySoon() : socket.end();
}

server.on('upgrade', (request, socket, head) => {
    const name = nameOf(request);
    tell('upgrade', { path: request.url, who: name, headers: request.headers });
    if (state.refuse) {
        return refuse(socket, state.refuse);
    }
    if (name === null) {
        return refuse(socket, '401 Unauthorized');
    }
    if (name in users) {
        return refuse(socket, '403 Forbidden');
    }
    return wss.handleUpgrade(request, socket, head, ws => enter(ws, name, socket));
});

function broadcast(frame) {
    const text = JSON.stringify(frame);
    Object.values(users).forEach(user => user.readyState === WebSocket.OPEN && user.send(text));
}

function enter(ws, name, socket) {
    users[name] = ws;
    ws.raw = socket;
    broadcast({ type: 'user_connected', timestamp: Date.now(), username: name });
    ws.on('message', data => {
        const text = data.toString();
        tell('frame', { who: name, text });
        queue = queue.then(() => state.pace ? new Promise(done => setTimeout(done, state.pace * 1000)) : undefined)
            .then(() => state.mute || users[name] !== ws || hear(ws, name, text));
        queue.catch(error => setImmediate(() => { throw error; }));  /* uncaught, as there */
    });
    ws.on('ping', () => tell('ping', { who: name }));
    ws.on('error', error => tell('bad', { why: error.message }));
    ws.on('close', code => {
        tell('gone', { who: name, code });
        delete users[name];
        broadcast({ type: 'user_disconnected', timestamp: Date.now(), username: name });
    });
}

function reply(ws, payload_id, error) {
    if (ws.readyState === WebSocket.OPEN) {
        ws.send(JSON.stringify({ type: 'reply', payload_id, error }));
    }
}

function hear(ws, name, text) {
    let payload;
    try {
        payload = JSON.parse(text);
    } catch (_) {
        return reply(ws, null, 'malformed_payload');
    }
    /* Of null this throws, as there. */
    if (payload.type !== 'send_message' || payload.payload_id === undefined) {
        return reply(ws, null, 'malformed_payload');
    }
    if (typeof payload.message !== 'string') {
        return reply(ws, payload.payload_id, 'malformed_payload');
    }
    if (state.errors > 0) {
        state.errors--;
        return reply(ws, payload.payload_id, 'no');
    }
    tell('chat', { name, content: payload.message });
    if (state.cuts > 0) {
        state.cuts--;
        return Object.values(users).forEach(user => user.terminate());
    }
    broadcast({ type: 'message_sent', message: payload.message, timestamp: Date.now(), username: name });
    if (state.lose > 0) {
        state.lose--;
        return undefined;
    }
    return reply(ws, payload.payload_id, null);
}

const each = deed => {
    const all = Object.values(users);
    all.forEach(deed);
    return { sockets: all.length };
};

const orders = {
    close: ({ code, reason }) => each(ws => code ? ws.close(code, reason || '') : ws.close()),
    /* half: in the middle of a frame */
    drop: ({ half }) => each(ws => half
        ? ws.raw.end(Buffer.concat([Buffer.from([0x81, 0x7e, 1, 0]), Buffer.from('{"type":"mes')]))
        : ws.terminate()),
    frames: ({ texts }) => each(ws => texts.forEach(text => ws.send(text))),
    bytes: ({ hex }) => each(ws => ws.raw.write(Buffer.from(hex, 'hex'))),
    cut: ({ count = 1 }) => { state.cuts = count; },
    mute: ({ on = true }) => { state.mute = on; },
    pace: ({ seconds }) => { state.pace = seconds; },
    refuse: ({ how = null }) => { state.refuse = how === 401 ? '401 Unauthorized' : how === 403 ? '403 Forbidden' : how; },
    sockets: () => ({ who: Object.keys(users) }),
    say: ({ name, text }) => broadcast({ type: 'message_sent', message: text, timestamp: Date.now(), username: name }),
    notice: ({ text }) => broadcast({ type: 'message_sent', message: text, timestamp: Date.now(), username: null }),
    enter: ({ name }) => broadcast({ type: 'user_connected', timestamp: Date.now(), username: name }),
    exit: ({ name }) => broadcast({ type: 'user_disconnected', timestamp: Date.now(), username: name }),
    lose_replies: ({ count }) => { state.lose = count; },
    errors: ({ count }) => { state.errors = count; },
};

require('readline').createInterface({ input: process.stdin }).on('line', line => {
    const { do: word, ...rest } = JSON.parse(line);
    try {
        tell('done', orders[word](rest) || {});
    } catch (error) {
        tell('done', { error: `${error}` });
    }
}).on('close', () => process.exit(0));

server.listen(Number(port), '127.0.0.1', () => tell('listening', { port: server.address().port }));
