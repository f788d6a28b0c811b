'use strict';
/* Holds JSON values against the schemas of the backend protocol.
 *
 *   node schema.js FOLDER-WITH-node_modules FOLDER-WITH-SCHEMAS < LINES
 *
 * Each line is {"schema":NAME,"value":...}, where NAME is a schema of the folder ("envelope") or a
 * definition in one ("meta/dragoman-ask"). Prints a line for each: "ok", or what is wrong. */
const fs = require('fs');
const path = require('path');
const readline = require('readline');

const [modules, schemas] = process.argv.slice(2);
const Ajv = require(path.join(modules, 'node_modules', 'ajv', 'dist', '2020'));
const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });

for (const file of fs.readdirSync(schemas).filter(name => name.endsWith('.schema.json'))) {
    ajv.addSchema(JSON.parse(fs.readFileSync(path.join(schemas, file), 'utf8')));
}

function validator(name) {
    const [schema, definition] = name.split('/');
    const found = ajv.getSchema(`urn:dragoman:dgm1:${schema}${definition ? `#/$defs/${definition}` : ''}`);
    if (!found) {
        throw new Error(`there is no schema ${name}`);
    }
    return found;
}

function wrong(errors) {
    return errors.map(error => {
        const more = error.params.unevaluatedProperty || error.params.additionalProperty || '';
        return `${error.instancePath || '/'} ${error.message} ${more}`.trim();
    }).join('; ');
}

readline.createInterface({ input: process.stdin, crlfDelay: Infinity }).on('line', line => {
    const { schema, value } = JSON.parse(line);
    const validate = validator(schema);
    console.log(validate(value) ? 'ok' : wrong(validate.errors));
});
