// The page of a sweep.

startPage([startSpeedup, startPareto, startParts, startLatency, startHeat, startStrain,
  startCost, startMachine]);
