'use strict';
/* The published mixer packages, unmodified, from their first request to their last message: given a
 * base URL and a token they ask who they are and where to connect, and are the bot of the tutorial,
 * which greets newcomers and answers "!ping".
 *
 *   node mixer_bots.js FOLDER-WITH-node_modules http://127.0.0.1:PORT TOKEN
 *
 * Prints "restart" and waits for a line on standard input, by when the server has been started again
 * on the same port; prints "done" at the end. Exits with 1 after the first thing that is wrong. */
const assert = require('assert');
const path = require('path');

const [folder, base, token] = process.argv.slice(2);
const load = name => require(path.join(folder, 'node_modules', name));
const ws = load('ws');

/* As in mixer_clients.js: of a refused connection this old ws says "error" alone. */
class NodeSocket extends ws {
    constructor(url) {
        super(url);
        this.on('error', () => setImmediate(() => this.readyState === ws.CLOSED && this.emit('close')));
    }
}

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const within = (promise, what, ms = 10000) => Promise.race([
    promise, sleep(ms).then(() => { throw new Error(`${what} did not happen`); })]);
const textOf = message => message.message.message.map(part => part.text).join('');

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

/* A client of the package, which knows nothing but the URL and the token. */
function clientOf(name, access) {
    const { Client, OAuthProvider, DefaultRequestRunner, ChatService } = load(name);
    const client = new Client(new DefaultRequestRunner()).setUrl('api', `${base}/api/v1`);
    client.use(new OAuthProvider(client, {
        clientId: 'a client',
        tokens: { access, refresh: access, expires: Date.now() + 3600 * 1000 },
    }));
    client.chat = client.chat || new ChatService(client);
    return client;
}

/* The socket of what chats/ID said: that of the package, or of another one. */
function socketOf(client, endpoints, ChatSocket) {
    const socket = ChatSocket
        ? new ChatSocket(endpoints, { pingInterval: 1000, pingTimeout: 1500 })
        : client.createChatSocket(NodeSocket, endpoints, { pingInterval: 1000, pingTimeout: 1500 });
    socket.errors = [];
    socket.on('error', error => socket.errors.push(error));
    return socket.boot();
}

async function come(label, client, ChatSocket) {
    const current = (await client.request('GET', 'users/current')).body;
    assert.ok(Number.isInteger(current.id) && Number.isInteger(current.channel.id), JSON.stringify(current));
    const join = (await client.chat.join(current.channel.id)).body;
    assert.ok(join.permissions.includes('chat') && join.endpoints.length === 1, JSON.stringify(join));
    const socket = socketOf(client, join.endpoints, ChatSocket);
    socket.label = label;
    const result = await within(socket.auth(current.channel.id, current.id, join.authkey), `${label}: auth`);
    assert.strictEqual(result.authenticated, true);
    Object.assign(socket, { user: current, join });
    return socket;
}

/* As in the tutorial: without a look at the type of the first part. */
function beBot(socket) {
    socket.on('UserJoin', data => {
        socket.call('msg', [`${socket.label} says: Hi ${data.username}! Write !ping and I will pong back!`]);
    });
    socket.on('ChatMessage', data => {
        if (data.message.message[0].data.toLowerCase().startsWith('!ping')) {
            socket.call('msg', [`@${data.user_name} PONG from ${socket.label}!`]);
        }
    });
}

/* Somebody new is greeted by each bot, and answered by each. */
async function newcomer(name, bots) {
    const client = clientOf('@mixer/client-node', `${name}:its secret`);
    const here = (await client.channel.getChannel(1)).body;
    assert.strictEqual(here.partnered, false);
    const greetings = bots.map(bot => event(bot, 'ChatMessage',
        data => textOf(data) === `${bot.label} says: Hi ${name}! Write !ping and I will pong back!`));
    const socket = await come(name, client);
    await Promise.all(greetings);
    const answers = bots.map(bot => event(socket, 'ChatMessage',
        data => textOf(data) === `@${name} PONG from ${bot.label}!` && data.user_id === bot.user.id));
    await socket.call('msg', ['!PING']);
    await Promise.all(answers);
    const users = (await client.chat.getUsers(1, { limit: 100 })).body;
    assert.ok(users.some(user => user.userName === name && user.userId === socket.user.id), JSON.stringify(users));
    const found = (await client.chat.searchUsers(1, { username: name.toUpperCase() })).body;
    assert.deepStrictEqual(found.map(user => user.username), [name]);
    assert.deepStrictEqual(socket.errors, []);
    socket.close();
    await event(socket, 'closed');
}

/* A token that is none; and one that is had by a short code, refreshed once. */
async function tokens() {
    const stranger = clientOf('@mixer/client-node', `${token} no more`);
    const refused = await stranger.request('GET', 'users/current');
    assert.strictEqual(refused.statusCode, 401);
    assert.strictEqual(refused.body.errorCode, 24317);
    await assert.rejects(stranger.chat.join(1), error => error.constructor.name === 'UnknownCodeError');

    const { OAuthClient } = load('@mixer/shortcode-oauth');
    const short = new OAuthClient({ clientId: 'a client', scopes: ['chat:chat'], host: `${base}/api/v1/` });
    const code = await short.getCode();
    assert.match(code.code, /^[A-Z2-9]{6}$/);
    const granted = await within(code.waitForAccept(), 'the short code', 15000);
    const again = await short.refresh(granted);
    const viewer = clientOf('@mixer/client-node', again.data.accessToken);
    const user = (await viewer.request('GET', 'users/current')).body;
    assert.strictEqual(user.username, `viewer-${code.code}`);
    const provider = viewer.getProvider();
    await provider.refresh();
    assert.ok(provider.isAuthenticated());
    const socket = await come('viewer', viewer);
    socket.close();
    await event(socket, 'closed');
}

async function main() {
    const restarted = new Promise(resolve => process.stdin.once('data', resolve));
    const { ChatSocket } = load('mixer-chat');
    const bots = [
        await come('client-node', clientOf('@mixer/client-node', token)),
        await come('beam', clientOf('beam-client-node', token)),
        await come('mixer-chat', clientOf('@mixer/client-node', token), ChatSocket),
    ];
    bots.forEach(beBot);
    await newcomer('nora', bots);
    await tokens();
    console.log('all greet, and answer');
    const back = bots.map(bot => event(bot, 'connected', undefined, 60000));
    const away = bots.map(bot => event(bot, 'reconnecting', undefined, 20000));
    console.log('restart');
    await Promise.all(away);
    await restarted;
    await Promise.all(back);
    /* With the keys that they had before. */
    await newcomer('nils', bots);
    for (const bot of bots) {
        assert.ok(!bot.errors.some(error => error.constructor.name === 'AuthenticationFailedError'), `${bot.errors}`);
        bot.close();
    }
    console.log('all are back after the restart');
    console.log('done');
    process.exit(0);
}

process.on('unhandledRejection', error => {
    console.log(error.stack || error);
    process.exit(1);
});
main();
