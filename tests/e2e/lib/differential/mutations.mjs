// Good and bad arguments out of a table of parameters: every parameter missing, null, of each wrong type, negative, zero, huge,
// and twice.
const kHuge = 2 ** 53 - 1;
const kWrong = {
  string: [5, true, {}, []],
  integer: ['5', 1.5, true, {}, []],
  id: ['x', 1.5, true, {}],
  boolean: [1, 'true', {}, []],
  object: [5, 'x', []],
  array: [5, 'x', {}],
  number: ['x', true],
};
const kOdd = {
  string: ['', 'x'.repeat(5000)],
  integer: [0, 1, -1, kHuge],
  id: [0, -1, kHuge],
  boolean: [true, false],
  object: [{}],
  array: [[]],
  number: [0, -1],
};
const label = (value) => {
  const text = JSON.stringify(value);
  return text.length > 20 ? `${text.slice(0, 8)}... (${text.length})` : text;
};

// A janus dies of a layer that does not fit 32 bits.
const kDeadly = new Set(['substream', 'temporal', 'spatial_layer', 'temporal_layer']);

// Every value worth trying in place of this parameter.
function* valuesOf(param) {
  for (const value of kWrong[param.type] ?? []) yield value;
  for (const value of kOdd[param.type] ?? []) if (value !== kHuge || !kDeadly.has(param.name)) yield value;
  if (param.values) yield 'nonsense';
  if (param.type === 'array' && !param.fields) for (const element of kWrong[param.element] ?? []) yield [element];
}

// Cases of one request: { name, body, text? }. `good`: a body that works; a parameter that is not in it is added.
export function* casesOf(request, params, good) {
  const body = (changes) => ({ request, ...good, ...changes });
  yield { name: 'good', body: body({}) };
  for (const param of params) {
    const at = (suffix) => `${param.name} ${suffix}`;
    if (param.name in good) {
      const { [param.name]: left, ...rest } = good;
      yield { name: at('missing'), body: { request, ...rest } };
    }
    yield { name: at('null'), body: body({ [param.name]: null }) };
    for (const value of valuesOf(param)) yield { name: at(`= ${label(value)}`), body: body({ [param.name]: value }) };
    yield* twice(param, body(param.name in good ? {} : { [param.name]: exampleOf(param) }));
    if (param.fields) yield* elementCases(param, good, body);
  }
}

const exampleOf = ({ type }) => ({ string: 'x', integer: 1, id: 1, boolean: true, object: {}, array: [], number: 1 })[type];

// The last of two counts.
function* twice(param, body) {
  const bad = (kWrong[param.type] ?? [5])[0];
  const doubled = (first) => (json) => json.replace(`"${param.name}":`, `"${param.name}":${JSON.stringify(first)},"${param.name}":`);
  yield { name: `${param.name} twice, the first one bad`, body, text: doubled(bad) };
  yield { name: `${param.name} twice, the last one bad`, body: { ...body, [param.name]: bad }, text: doubled(body[param.name]) };
}

// Members of the objects in an array. Without a good element in the body there is none to spoil.
function* elementCases(param, good, body) {
  const [element] = good[param.name] ?? [];
  if (!element) return;
  const withElement = (changed) => body({ [param.name]: [changed] });
  for (const field of param.fields) {
    const at = (suffix) => `${param.name}.${field.name} ${suffix}`;
    if (field.name in element) {
      const { [field.name]: left, ...rest } = element;
      yield { name: at('missing'), body: withElement(rest) };
    }
    for (const value of valuesOf(field)) yield { name: at(`= ${label(value)}`), body: withElement({ ...element, [field.name]: value }) };
  }
}
