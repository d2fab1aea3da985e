fetch("/api/visits", { method: "POST" })
  .then((response) => response.json())
  .then(({ visits }) => {
    document.getElementById("visits").textContent = visits;
  });
