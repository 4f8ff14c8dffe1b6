// The form of what stays the same for all measures: model, inputs, elasticities, transfers.
function numberField(word, value, tell, more) {   // empty: not given
  const node = html("input", { type: "number", step: "any", ...more, oninput: () => { if (!node.validity.badInput) tell(Number.isFinite(node.valueAsNumber) ? node.valueAsNumber : null); } });
  node.value = value ?? "";
  return field(word, node);
}
function elasticityFields() {
  const kind = Q.elasticity.set ?? (Q.elasticity.kept ? "kept" : "number"), sets = D.elasticitySets;
  const options = [["number", "one number"], ...(D.elasticityKept ? [["kept", `as in the run file (${D.elasticityKept})`]] : []), ...sets.map((s) => [s.name, s.usable ? s.word : `${s.word} (${cut(s.why, 40)})`, s.usable])];
  const choose = select(options, kind, (value) => {
    Q.elasticity = value === "number" ? { trade: 5, set: null, kept: false } : { trade: null, set: value === "kept" ? null : value, kept: value === "kept" };
    again("elasticity");
  }, { id: "elasticity" });
  const number = kind === "number" ? [numberField("Trade elasticity", Q.elasticity.trade, (v) => { Q.elasticity.trade = v; changed(); }, { id: "trade", min: 0 })] : [];
  return [field("Elasticities", choose), ...number];
}
function drawSetting() {
  const model = D.models.find((m) => m.name === Q.model) || { uses: [], lacks: [] };
  const inputs = html("input", { type: "checkbox", id: "inputs", disabled: !D.linked, onchange: () => { Q.intermediates = inputs.checked; changed(); } });
  inputs.checked = Q.intermediates && D.linked;
  const given = D.parameters.filter((p) => model.uses.includes(p.name)).map((p) => {
    const tell = (v) => {
      if (v === null || v === "") delete Q.parameters[p.name];
      else Q.parameters[p.name] = v;
      changed();
    };
    const options = [["", "not given"], ...p.names.map((name) => [name, name])], more = { id: `parameter-${p.name}` };
    return p.names.length ? field(p.word, select(options, Q.parameters[p.name] ?? "", tell, more)) : numberField(p.word, Q.parameters[p.name], tell, more);
  });
  const models = D.models.map((m) => [m.name, m.usable ? m.word : `${m.word} (${m.why})`, m.usable]);
  drawDraws();
  byId("setting").replaceChildren(html("legend", {}, "The model"),
    field("Model", select(models, Q.model, (value) => { Q.model = value; again("model"); }, { id: "model" })),
    ...(model.why ? [html("p", { class: "hint" }, model.why)] : []),
    html("label", {}, inputs, D.linked ? " firms buy inputs from each other" : " this economy has no input-output links"),
    ...elasticityFields(), ...given,
    ...(model.scales ? [numberField("Scale, where it is not the model’s own", Q.scale, (v) => { Q.scale = v; changed(); }, { id: "scale", min: 0 })] : []),
    field("Transfers", select(D.transfers.map((t) => [t.name, capital(t.word)]), Q.transfers, (value) => { Q.transfers = value; changed(); }, { id: "transfers" })));
}
function again(id) {   // the fields follow from what was chosen
  drawSetting();
  changed();
  byId(id).focus();
}
