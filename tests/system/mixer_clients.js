'use strict';
/* The published mixer clients, unmodified, against a running server.
 *
 *   node mixer_clients.js FOLDER-WITH-node_modules ws://127.0.0.1:PORT SECRET-OF-boss
 *
 * Prints "restart" and waits for a line on standard input, by when the server has been started again
 * on the same port; prints "done" at the end. Exits with 1 after the first thing that is wrong. */
const assert = require('assert');
const path = require('path');

const [folder, base, secret] = process.argv.slice(2);
const load = name => require(path.join(folder, 'node_modules', name));
const ws = load('ws');

/* After a refused connection this old ws says "error" and nothing more, on which the clients wait
 * for ever; newer ones, and browsers, say "close" then. */
class NodeSocket extends ws {
    constructor(url) {
        super(url);
        this.on('error', () => setImmediate(() => this.readyState === ws.CLOSED && this.emit('close')));
    }
}

/* A browser's WebSocket has no ping(): there the client pings with a method. */
class BrowserSocket {
    constructor(url) {
        this.socket = new NodeSocket(url);
    }
    send(text) {
        this.socket.send(text);
    }
    close() {
        this.socket.close();
    }
    addEventListener(event, listener) {
        if (event === 'message') {
            this.socket.on('message', data => listener({ data }));
        } else {
            this.socket.on(event, listener);
        }
    }
    removeEventListener() {}
}

const VARIANTS = [
    { name: 'mixer', Socket: load('@mixer/chat-client-websocket').Socket, ctor: NodeSocket, number: 100 },
    { name: 'browser', Socket: load('@mixer/chat-client-websocket').Socket, ctor: BrowserSocket, number: 200 },
    { name: 'beam', Socket: load('beam-client-node').Socket, ctor: NodeSocket, number: 300 },
];

const CHANNEL = 1;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const opened = [];
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const within = (promise, what, ms = 8000) => Promise.race([
    promise, sleep(ms).then(() => { throw new Error(`${what} did not happen`); })]);

/* Waits for an event of a socket for which matches(data) holds. */
function event(socket, name, matches = () => true, ms = undefined) {
    const happened = new Promise(resolve => {
        const listener = data => {
            if (matches(data)) {
                socket.removeListener(name, listener);
                resolve(data);
            }
        };
        socket.on(name, listener);
    });
    return within(happened, `${socket.label}: ${name}`, ms);
}

function open(variant, name, options = {}) {
    const socket = new variant.Socket(variant.ctor, [`${base}/mixer?name=${name}`],
        Object.assign({ pingInterval: 1000, pingTimeout: 1500, callTimeout: 5000 }, options));
    socket.label = `${variant.name}/${name}`;
    socket.errors = [];
    socket.reconnects = 0;
    socket.on('error', error => socket.errors.push(error));
    socket.on('reconnecting', () => socket.reconnects++);
    socket.on('packet', packet => { socket.last = JSON.stringify(packet).slice(0, 300); });
    opened.push(socket);
    return socket.boot();
}

async function ready(socket) {
    if (!socket.isConnected()) {
        await event(socket, 'connected');
    }
}

async function login(variant, name, number, key) {
    const socket = open(variant, name);
    const welcome = event(socket, 'WelcomeEvent');
    const result = await within(socket.auth(CHANNEL, number, key), `${socket.label}: auth`);
    assert.match((await welcome).server, UUID);
    assert.strictEqual(result.authenticated, true);
    assert.ok(result.roles.includes(name === 'boss' ? 'Owner' : 'User'), `roles ${result.roles}`);
    await ready(socket);
    return socket;
}

const textOf = message => message.message.message.map(part => part.text).join('');
const rejected = promise => promise.then(
    data => assert.fail(`not refused: ${JSON.stringify(data)}`), error => error);

async function refused(socket, code, method, ...args) {
    const error = await rejected(socket.call(method, args));
    assert.strictEqual(typeof error.message, 'string', `${method}: ${JSON.stringify(error)}`);
    assert.ok(error.message.length > 3 && Number.isInteger(error.code), JSON.stringify(error));
    if (code) {
        assert.strictEqual(error.code, code, `${method}: ${JSON.stringify(error)}`);
    }
}

async function talk(from, others, text) {
    const seen = [from, ...others].map(s => event(s, 'ChatMessage', m => textOf(m) === text));
    const reply = await from.call('msg', [text]);
    for (const message of await Promise.all(seen)) {
        assert.deepStrictEqual(message, reply);
    }
    assert.match(reply.id, UUID);
    assert.strictEqual(reply.channel, CHANNEL);
    return reply;
}

async function messages(user, boss, name) {
    const rich = await talk(user, [boss], 'Hello :) see https://example.com/x or @boss');
    const parts = rich.message.message;
    assert.strictEqual(parts[0].type, 'text');
    assert.strictEqual(typeof parts[0].data, 'string');
    for (const type of ['emoticon', 'link', 'tag']) {
        assert.ok(parts.some(part => part.type === type), `${type} in ${JSON.stringify(parts)}`);
    }
    assert.strictEqual(rich.user_name, name);
    const action = event(boss, 'ChatMessage', m => m.message.meta.me === true);
    await user.call('msg', ['/me waves']);
    assert.strictEqual(textOf(await action), 'waves');

    const heard = event(boss, 'ChatMessage', m => m.message.meta.whisper === true);
    const whisper = await user.call('whisper', ['boss', 'psst']);
    assert.deepStrictEqual([whisper.message.meta, whisper.target], [{ whisper: true }, 'boss']);
    assert.strictEqual((await heard).id, whisper.id);

    const history = await user.call('history', [10]);
    assert.ok(Array.isArray(history) && history.some(m => m.id === rich.id), 'history');
    assert.ok(!history.some(m => m.id === whisper.id), 'a whisper in the history');

    const gone = event(user, 'DeleteMessage');
    assert.strictEqual(await boss.call('deleteMessage', [rich.id]), 'Message deleted.');
    assert.deepStrictEqual([(await gone).id, (await gone).moderator.user_name], [rich.id, 'boss']);
    await refused(user, 4002, 'purge', 'boss');
    await refused(user, 4003, 'deleteMessage', '00000000-0000-4000-8000-000000000000');
    await refused(user, 4001, 'whisper', 'nobody-of-that-name', 'psst');
}

async function moderation(user, boss, name) {
    await talk(user, [boss], 'to be purged');
    let purge = event(boss, 'PurgeMessage');
    assert.strictEqual(await boss.call('purge', [name]), undefined);
    const number = (await purge).user_id;
    assert.ok(Number.isInteger(number));

    purge = event(boss, 'PurgeMessage', data => data.cause && data.cause.type === 'timeout');
    const timeout = event(user, 'UserTimeout');
    assert.strictEqual(await boss.call('timeout', [name, '30s']), `${name} has been timed out for 30s.`);
    assert.strictEqual((await purge).user_id, number);
    assert.deepStrictEqual([(await timeout).duration, (await timeout).user.user_name], [30000, name]);
    await refused(user, null, 'msg', 'muted');
    await boss.call('timeout', [name, 'clear']);
    await talk(user, [boss], 'no longer muted');

    const cleared = event(user, 'ClearMessages');
    assert.strictEqual(await boss.call('clearMessages'), 'Messages cleared.');
    assert.strictEqual((await cleared).clearer.user_name, 'boss');
    assert.deepStrictEqual(await user.call('history', [10]), []);
}

async function polls(user, boss) {
    const start = event(user, 'PollStart');
    assert.strictEqual(await boss.call('vote:start', ['Cake?', ['yes', 'no'], 2]), 'Poll started.');
    const poll = await start;
    assert.deepStrictEqual([poll.q, poll.answers, poll.duration, poll.voters, poll.author.user_name],
        ['Cake?', ['yes', 'no'], 2000, 0, 'boss']);
    const update = event(boss, 'PollStart', data => data.voters === 1);
    assert.strictEqual(await user.call('vote:choose', [1]), true);
    assert.deepStrictEqual([(await update).responses, (await update).responsesByIndex, (await update).endsAt],
        [{ yes: 0, no: 1 }, [0, 1], poll.endsAt]);
    const end = await event(user, 'PollEnd');
    assert.deepStrictEqual([end.responsesByIndex, end.voters], [[0, 1], 1]);
    await refused(user, null, 'vote:choose', 0);
}

async function others(variant, user, boss) {
    assert.strictEqual(await user.call('ping'), undefined);
    for (const method of ['attachEmotes', 'giveaway:start', 'cancelSkill', 'no:such:method']) {
        await refused(user, null, method, 'x');
    }
    await rejected(user.call('auth', [CHANNEL, 5, 'x']));
    assert.deepStrictEqual(await boss.call('optOutEvents', ['UserJoin', 'UserLeave']), {});
    const unheard = [], name = `guest-${variant.name}`;
    boss.on('UserJoin', data => unheard.push(data));
    const joined = event(user, 'UserJoin', data => data.username === name);
    const guest = await login(variant, name, variant.number + 50, 'guests-key');
    assert.strictEqual((await joined).id, variant.number + 50);
    const left = event(user, 'UserLeave', data => data.username === name);
    guest.close();
    await left;
    assert.deepStrictEqual(unheard, []);
}

/* Nobody speaks for a while: only pings keep the connections. */
async function stay(sockets) {
    for (const socket of sockets) {
        socket.pings = 0;
        if (socket.ws instanceof ws) {
            socket.ws.on('pong', () => socket.pings++);
        }
        socket.on('sent', data => { socket.pings += data.method === 'ping' ? 1 : 0; });
    }
    await sleep(4500);
    for (const socket of sockets) {
        assert.ok(socket.isConnected() && socket.reconnects === 0, `${socket.label} did not stay`);
        assert.ok(socket.pings >= 2, `${socket.label}: ${socket.pings} pings`);
    }
}

async function strangers(variant) {
    const reader = open(variant, 'reader');
    assert.deepStrictEqual(await within(reader.auth(CHANNEL), 'anonymous auth'), { authenticated: false, roles: [] });
    await ready(reader);
    await refused(reader, null, 'msg', 'x');
    reader.close();
    const liar = open(variant, 'boss');
    liar.auth(CHANNEL, 7, 'not the secret').catch(() => undefined);
    await event(liar, 'closed');
    assert.ok(liar.errors.some(error => error.constructor.name === 'AuthenticationFailedError'), `${liar.errors}`);
}

async function exercise(variant) {
    const name = `user-${variant.name}`;
    const user = await login(variant, name, variant.number, `key of ${name}`);
    const boss = await login(variant, 'boss', 7, secret);
    await messages(user, boss, name);
    await moderation(user, boss, name);
    await polls(user, boss);
    await others(variant, user, boss);
    await strangers(variant);
    if (user.optOutEvents) {
        assert.deepStrictEqual(await user.optOutEvents(['UserLeave']), {});
    }
    assert.deepStrictEqual(user.errors.concat(boss.errors), []);
    console.log(`${variant.name}: every method`);
    return [user, boss];
}

async function comeBack(sockets, restarted) {
    const back = sockets.map(socket => event(socket, 'connected', undefined, 60000));
    const away = sockets.map(socket => event(socket, 'reconnecting', undefined, 20000));
    console.log('restart');
    await Promise.all(away);
    await restarted;
    await Promise.all(back);
    for (const socket of sockets) {
        assert.ok(!socket.errors.some(error => error.constructor.name === 'AuthenticationFailedError'));
        await talk(socket, sockets.filter(other => other !== socket), `${socket.label} is back`);
    }
}

async function main() {
    const restarted = new Promise(resolve => process.stdin.once('data', resolve));
    const sockets = [];
    for (const variant of VARIANTS) {
        sockets.push(...await exercise(variant));
    }
    await stay(sockets);
    console.log('all stay connected by their pings');
    await comeBack(sockets, restarted);
    console.log('all are back after the restart');
    for (const socket of sockets) {
        socket.close();
    }
    await Promise.all(sockets.map(socket => event(socket, 'closed')));
    console.log('done');
    process.exit(0);
}

main().catch(error => {
    console.log(error.stack || error);
    for (const socket of opened) {
        console.log(socket.label, 'status', socket.getStatus(), 'reconnects', socket.reconnects,
            'errors', socket.errors.map(String).join('; ') || 'none', 'last', socket.last);
    }
    process.exit(1);
});
