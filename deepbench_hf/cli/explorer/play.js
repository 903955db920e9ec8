// The tab "Play": what its form says is asked for at once, and again if it changed meanwhile.
let isAsking = false, isStale = false;
const form = () => element.querySelector("form");

function said() {
  const named = (name) => form().querySelector(`[name="${name}"]`);
  const values = [...form().querySelectorAll("[name=value]")];
  return {
    source: form().dataset.source,
    split: form().dataset.split,
    view: form().querySelector("[name=view]:checked").value,
    output: named("output").value,
    row: named("row").value,
    values: values.map((one) => one.value),
    switches: [...form().querySelectorAll("[name=switch]")].map((one) => one.checked),
    codes: [...form().querySelectorAll("details[open]")].map((one) => one.id),
  };
}

async function ask() {
  isStale = isAsking;
  if (isAsking) return;
  isAsking = true;
  const asked = form();
  try {
    const answer = await server.drawn(said());
    if (asked === form()) {  // else another config was chosen meanwhile
      form().querySelector("#picture").innerHTML = answer.picture;
      for (const [id, text] of Object.entries(answer.codes))
        form().querySelector(`#${id} code`).textContent = text;
    }
  } finally {
    isAsking = false;
    if (isStale) ask();
  }
}

element.addEventListener("input", (event) => {
  const box = event.target.closest(".control");  // a slider and its number say the same
  for (const other of box ? box.querySelectorAll("input") : [])
    if (other !== event.target) other.value = event.target.value;
  ask();
});
element.addEventListener("submit", (event) => event.preventDefault());
element.addEventListener("toggle", (event) => event.target.open && ask(), true);
element.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 1500);
});
