// SPDX-License-Identifier: BSD-2-Clause
// Every call of toxiproxy-node-client, and every toxic it knows, against the program whose path is given; what both applications saw is
// checked, not only the answers. Run by toxiproxy-node.sh, where the client is installed.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import net from "node:net";
import { writeFileSync } from "node:fs";

const { Toxiproxy } = createRequire(import.meta.url)("toxiproxy-node-client");
const LIMIT = 20000;
let failures = 0;

function check(name, holds, seen) {
    console.log(holds ? `ok ${name}` : `not ok ${name}: ${JSON.stringify(seen)}`);
    failures += holds ? 0 : 1;
}
const same = (name, seen, wanted) => check(name, JSON.stringify(seen) === JSON.stringify(wanted), seen);
const within = (promise) => Promise.race([promise, new Promise((_, no) => setTimeout(() => no(new Error("it never came")), LIMIT).unref())]);
const rejects = async (name, promise, status) => {
    try {
        await promise;
        check(name, false, "it was taken");
    } catch (error) {
        check(name, String(error.message + JSON.stringify(error)).includes(String(status)), error.message);
    }
};

// A socket that remembers what came, and how it ended: "fin" or the error's code.
function watch(socket) {
    const seen = { socket, bytes: "", ended: null, waiting: [] };
    const tell = () => seen.waiting.splice(0).forEach((one) => one());
    socket.on("data", (data) => { seen.bytes += data; tell(); });
    socket.on("end", () => { seen.ended ??= "fin"; tell(); });
    socket.on("error", (error) => { seen.ended ??= error.code; tell(); });
    seen.until = (condition) => within((async () => {
        while (!condition(seen)) await new Promise((yes) => seen.waiting.push(yes));
    })());
    seen.read = async (count) => { await seen.until((one) => one.bytes.length >= count); const text = seen.bytes; seen.bytes = ""; return text; };
    seen.ending = async () => { await seen.until((one) => one.ended); return seen.ended; };
    return seen;
}

const accepted = [];
const server = net.createServer({ allowHalfOpen: true }, (socket) => accepted.shift()(watch(socket)));
await new Promise((yes) => server.listen(0, "127.0.0.1", yes));
const upstream = `127.0.0.1:${server.address().port}`;

async function pair(proxy) {
    const peer = within(new Promise((yes) => accepted.push(yes)));
    const at = proxy.listen.lastIndexOf(":");
    const client = watch(net.connect({ host: proxy.listen.slice(0, at).replace(/[[\]]/g, ""), port: Number(proxy.listen.slice(at + 1)), allowHalfOpen: true }));
    return [client, await peer];
}
// From before what begins it: this program may be late, too.
const took = async (begin, promise) => { const at = process.hrtime.bigint(); begin(); const value = await promise(); return [value, Number(process.hrtime.bigint() - at) / 1e6]; };

writeFileSync("proxies.json", JSON.stringify([{ name: "file", listen: "127.0.0.1:0", upstream, enabled: true }]));
const program = spawn(process.argv[2], ["-host=127.0.0.1", "-port", "0", "--config", "proxies.json", "-seed=3"], { stdio: ["ignore", "ignore", "pipe"] });
process.on("exit", () => program.kill());
let said = "";
const url = await within(new Promise((yes) => program.stderr.on("data", (text) => {
    said += text;
    const found = /control on (\S+)/.exec(said);
    if (found) yes(`http://${found[1]}`);
})));
const toxiproxy = new Toxiproxy(url);

// --- proxies
same("getVersion", String(await toxiproxy.getVersion()).includes("2.12.0"), true);
let proxies = await toxiproxy.getAll();
for (let tries = 0; !proxies.file && tries < 500; tries++) { await new Promise((yes) => setTimeout(yes, 10)); proxies = await toxiproxy.getAll(); }
same("the config file's proxy", Object.keys(proxies), ["file"]);
await proxies.file.remove();
let proxy = await toxiproxy.createProxy({ name: "p", listen: "127.0.0.1:0", upstream });
same("createProxy", [proxy.name, proxy.upstream, proxy.enabled], ["p", upstream, true]);
await rejects("twice", toxiproxy.createProxy({ name: "p", listen: "127.0.0.1:0", upstream }), 409);
same("get", (await toxiproxy.get("p")).listen, proxy.listen);
await rejects("get none", toxiproxy.get("none"), 404);
let [client, peer] = await pair(proxy);
client.socket.write("hello");
same("it relays", await peer.read(5), "hello");
client.socket.end("request");
same("half a close", [await peer.read(7), await peer.ending()], ["request", "fin"]);
peer.socket.end("reply");
same("is answered", [await client.read(5), await client.ending()], ["reply", "fin"]);
[client, peer] = await pair(proxy);
proxy = await proxy.update({ enabled: false, listen: proxy.listen, upstream });
same("disabled", proxy.enabled, false);
same("both hear an end", [await client.ending(), await peer.ending()], ["fin", "fin"]);
const refused = watch(net.connect(Number(proxy.listen.split(":").pop()), "127.0.0.1"));
same("connect", await refused.ending(), "ECONNREFUSED");
proxy = await proxy.update({ enabled: true, listen: proxy.listen, upstream });
same("enabled", proxy.enabled, true);
const made = await toxiproxy.populate([{ name: "q", listen: "127.0.0.1:0", upstream }]);
same("populate", Object.keys(made), ["q"]);
same("populate nothing", Object.keys(await toxiproxy.populate([])), []);

// --- toxics, each by what is felt
async function toxic(type, attributes, act, more = {}) {
    const one = await proxy.addToxic({ type, name: `${type}_test`, stream: "downstream", toxicity: 1, attributes, ...more });
    same(`addToxic ${type}`, [one.name, one.type, one.stream, one.attributes], [`${type}_test`, type, "downstream", attributes]);
    await act(one);
    await one.remove();
    await rejects(`removed ${type}`, proxy.getToxic(`${type}_test`), 404);
}
[client, peer] = await pair(proxy);
await toxic("latency", { latency: 150, jitter: 0 }, async (one) => {
    let [text, ms] = await took(() => peer.socket.write("late"), () => client.read(4));
    check("latency is felt", text === "late" && ms >= 145, ms);
    one.attributes = { latency: 0, jitter: 0 };
    await one.update({ attributes: { latency: 0, jitter: 0 }, toxicity: 1 });
    same("getToxic", (await proxy.getToxic("latency_test")).attributes, { latency: 0, jitter: 0 });
    peer.socket.write("soon");
    same("updated", await client.read(4), "soon");
});
await toxic("bandwidth", { rate: 100 }, async () => {
    const [text, ms] = await took(() => peer.socket.write("x".repeat(30000)), () => client.read(30000));
    check("bandwidth is felt", text.length === 30000 && ms >= 230, ms);
});
await toxic("slicer", { average_size: 4, size_variation: 4, delay: 100 }, async () => {
    peer.socket.write("0123456789");
    same("sliced, and whole", await client.read(10), "0123456789");
});
await toxic("slow_close", { delay: 200 }, async () => {
    const [ending, ms] = await took(() => peer.socket.end("bye"), () => client.ending());
    check("slow_close lets data pass, and its end waits", client.bytes === "bye" && ending === "fin" && ms >= 195, ms);
});
client.socket.destroy();
[client, peer] = await pair(proxy);
await toxic("timeout", { timeout: 150 }, async () => {
    peer.socket.write("lost");
    same("timeout ends both", [await client.ending(), await peer.ending(), client.bytes], ["fin", "fin", ""]);
});
[client, peer] = await pair(proxy);
await toxic("reset_peer", { timeout: 50 }, async () => {
    peer.socket.write("x");
    same("reset_peer resets both", [await client.ending(), await peer.ending()], ["ECONNRESET", "ECONNRESET"]);
});
await toxic("limit_data", { bytes: 5 }, async () => {
    [client, peer] = await pair(proxy);
    peer.socket.write("0123456789");
    same("limit_data", [await client.ending(), client.bytes], ["fin", "01234"]);
});
await proxy.addToxic({ type: "latency", name: "l", stream: "upstream", toxicity: 1, attributes: { latency: 5000, jitter: 0 } });
await toxiproxy.reset();
await rejects("reset takes the toxics away", proxy.getToxic("l"), 404);
await proxy.remove();
await rejects("remove", toxiproxy.get("p"), 404);
program.kill("SIGTERM");
same("the program ends well", await within(new Promise((yes) => program.on("exit", (code) => yes(code)))), 0);
server.close();
process.exit(failures ? 1 : 0);
